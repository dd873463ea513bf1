"""Questions as citizens ask them, each with the page of the sample county that is right for it:
the tests hold them, the bench times them."""

from __future__ import annotations

LEADER = "leaders/yunling-county/"

# From a citizen's mouth, and the page that is right; decided before the search was asked.
QUERIES = [
    ("李秋实", LEADER + "li-qiushi/"),
    ("秋实", LEADER + "li-qiushi/"),
    ("阿依古丽", LEADER + "ayiguli/"),
    ("买买提", LEADER + "ayiguli/"),
    ("李县长", LEADER + "li-qiushi/"),
    ("馬曉東", LEADER + "ma-xiaodong/"),
    ("李秋石", LEADER + "li-qiushi/"),
    ("0990-8800070", "matters/wages/"),
    ("0990 8800040", "institutions/qingshi-town/"),
    ("０９９０８８０００１８", "contact/"),
    ("8800045", "institutions/yunling-school/"),
    ("11月11日", r"institutions/[\w-]+/2026-11/"),  # no county day: whoever receives then
    ("12月8号", "calendar/2026-12/"),
    ("星期五", "calendar/2026-12/"),
    ("十二月二十五号谁接访", "calendar/2026-12/"),
    ("低保", "matters/subsistence/"),
    ("宅基地", "matters/homestead/"),
    ("拖欠工资", "matters/wages/"),
    ("孩子上学", "matters/schooling/"),
    ("医保报销", "matters/medical-insurance/"),
    ("拆迁", "matters/house-expropriation/"),
    ("村里修路", "matters/rural-roads/"),
    ("县长接访时间", LEADER + "zhou-min/"),
    ("我要找书记反映问题", LEADER + "zheng-guodong/"),
    ("怎么查进度", "matters/petition-progress/"),
    ("残联在哪里", "institutions/disabled-federation/"),
    ("拖欠工姿", "matters/wages/"),
    ("宅地", "matters/homestead/"),
    ("醫保報銷", "matters/medical-insurance/"),
    ("对答复不服怎么办", "procedures/review/"),
]
MORE = [
    ("今天谁接访", ""),
    ("老板欠我工钱怎么办", "matters/wages/"),
    ("张县长电话", LEADER + "zhang-yan/"),
    ("公安局长", LEADER + "zhao-zhigang/"),
    ("欧阳部长", LEADER + "ouyang-huimin/"),
    ("青石镇镇长", "leaders/qingshi-town/liang-yan/"),
    ("信访局地址", "institutions/xinfang-bureau/"),
    ("龙潭乡", "institutions/longtan-township/"),
    ("邻居占我宅基地", "matters/homestead/"),
    ("工资不给", "matters/wages/"),
    ("我家房子被拆了", "matters/house-expropriation/"),
    ("退伍军人", "matters/veterans/"),
    ("养老保脸金", "matters/pension/"),
    ("征地補償款", "matters/land-acquisition/"),
    ("12345", "contact/"),
    ("2026-12-25", "calendar/2026-12/"),
    ("12.25", "calendar/2026-12/"),
    ("礼拜五", "calendar/2026-12/"),
    ("2026年11月", "calendar/2026-11/"),
]
