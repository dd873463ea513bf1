"""For each of the ten rule texts: a case goes along that institution's course, form to archive.

All of it is clicked in a real Chromium, by everybody who has a part in it, each in a browser of
his own; and what was printed is read back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browsing import follow
from tests.desk.hands import Hand, House, house, squeezed

LAND = "县自然资源局"
PETITIONER = "阿依古丽·买买提"
REQUEST = "请求补发征地补偿款一万八千六百元。"
WHO = {"name": PETITIONER, "address": "青石镇上村2组17号", "phone": "0990-8800123"}
EIGHT = (
    "县委书记", "主管副书记", "县长", "主管副县长", "纪委书记", "组织部部长", LAND, "存根",
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(
    sample_site: Path,
    keys: Path,
    empty_queue: Path,
    tmp_path_factory: pytest.TempPathFactory,
    browser: Browser,
) -> Iterator[House]:
    """One desk for all stories, which never meet."""
    with house(sample_site, keys, empty_queue, tmp_path_factory.mktemp("desk"), browser) as made:
        made.hand("clerk", "wangfang")
        yield made


@pytest.fixture
def clerk(desk: House) -> Hand:
    return desk.people["wangfang"]


def written_down(clerk: Hand, receiver: str, **answers: str) -> str:
    """A petition that came by telephone; its case lies open, its number is told."""
    number = clerk.write_down(
        "申诉求决", receiver, **{"channel": "来电", **WHO, "request": REQUEST, **answers}
    )
    clerk.go("信访人拿到了，接着办这件事")
    return number


def answered(clerk: Hand, reply: str = "书面答复", **words: str) -> None:
    """Reply, and serve it with proof."""
    clerk.do(reply, words="补发一万八千六百元，十五日内到账。", **words)
    clerk.back()
    clerk.do("送达", method="当面", proof="送达回证第7号，存档案柜二层")
    clerk.back()


def signed(clerk: Hand, leader: str) -> None:
    """The petitioner signs, then this leader: on paper, which the clerk says where to find."""
    assert "领导签字" not in clerk.can()
    clerk.do("信访人签字", signature="同意", proof="签字件在案卷第9页")
    clerk.begin("领导签字")
    asked = {"leader": leader} if clerk.main.locator("[name=f_leader]").count() else {}
    clerk.do("领导签字", proof="签字件在案卷第10页", **asked)


def filed(clerk: Hand, archive: str = "归档") -> str:
    """File it; the words of the list of its papers."""
    clerk.do(archive)
    contents = clerk.printed("案卷目录", "存根")
    clerk.back()
    assert "已办结归档" in clerk.words
    return contents


def test_county(desk: House, clerk: Hand) -> None:
    """000a: called on Monday, four cards, four meet on Friday, eight slips, all back, filed."""
    number = county_before(desk, clerk)
    county_during(desk, clerk, number)
    county_after(desk, clerk)
    contents = filed(clerk, "销案存档")
    for words in (number, "领导接待日督办单", "2026年12月18日", "信访事项答复意见书"):
        assert words in contents


def county_before(desk: House, clerk: Hand) -> str:
    """Sorted to the leader whose portfolio it is; a draft, then four cards of one number."""
    unit = desk.hand("unit", "land")
    desk.day(12, 14)
    number = clerk.write_down("申诉求决", "县领导", channel="来电", **WHO, request=REQUEST)
    receipt = clerk.receipt()
    assert number in receipt
    assert squeezed(PETITIONER) in receipt
    assert re.search(r"([2-9A-Z]{4}-){3}[2-9A-Z]{4}", receipt)
    clerk.go("信访人拿到了，接着办这件事")
    assert not {"发四卡", "填八单督办", "书面答复", "归档", "销案存档"} & clerk.can().keys()

    clerk.do("登记", matter="land-acquisition", people="3")
    arrange = next(one for one in clerk.can() if one.startswith("排县领导接访"))
    clerk.begin(arrange)
    assert clerk.main.locator("[name=f_leader]").input_value() == "zhang-yan"
    assert clerk.main.locator("[name=f_unit]").input_value() == LAND
    clerk.do(arrange, session="yunling-county-20261218-0830")
    assert clerk.can()["发四卡"] == "先做“写初步处理意见”"
    unit.find(number)
    assert "发四卡" not in unit.can()
    unit.do("写初步处理意见", opinion="经查确有差额，建议补付。")
    desk.day(12, 16)
    clerk.reload()
    clerk.do("发四卡")
    assert clerk.sheets("四卡") == [f"信访人（{PETITIONER}）", LAND, "副县长（张䶮）", "存根"]
    cards = [clerk.printed("四卡", to) for to in (PETITIONER, LAND, "张䶮", "存根")]
    assert len(set(cards)) == 4
    assert [f"第{place}联共4联" in card for place, card in enumerate(cards, 1)] == [True] * 4
    for card, to in zip(cards, (PETITIONER, LAND, "张䶮", "存根"), strict=True):
        for words in (number, to, "2026年12月18日"):
            assert squeezed(words) in card
    titles = ("领导接待日通知卡", "领导接待日通知卡", "领导接待日呈报卡", "领导接待日四卡存根")
    assert [one in card for one, card in zip(titles, cards, strict=True)] == [True] * 4
    assert squeezed("建议补付") in cards[2]

    return number


def county_during(desk: House, clerk: Hand, number: str) -> None:
    """All four are there, the leader decides; the case is accepted, eight slips go out."""
    leader = desk.hand("leader", "zhangyan")
    desk.day(12, 18)
    leader.find(number)
    clerk.back()
    assert not {"受理", "交办（职权以内的）", "填八单督办"} & clerk.can().keys()
    leader.do("记接访结果（四方见面）", present="四方都到", opinion="同意补付，一月十五日前到账。")
    assert "填八单督办" not in leader.can()
    clerk.reload()
    clerk.do("受理")
    clerk.back()
    assert clerk.can()["责任单位报告办理情况"] == "先做“填八单督办”"
    clerk.papers()
    accepted = clerk.printed("受理告知书", "信访人")
    assert "2026年12月18日受理" in accepted
    assert "2027年2月16日" in accepted  # 60 days, the day itself not counted
    assert LAND in accepted

    clerk.back()
    clerk.do("填八单督办", due="2027-01-15", opinion="到期报告结果。")
    assert [one.split("（")[0] for one in clerk.sheets("八单")] == list(EIGHT)
    slips = clerk.all_printed("八单")
    assert len(slips) == 8
    assert "郑国栋" in slips[0]
    assert "周敏" in slips[2]
    for slip, to in zip(slips[:-1], EIGHT, strict=False):
        assert to in slip[:200]
        assert number in slip
        for words in (number, "2027年1月15日", "同意补付，一月十五日前到账。", "2026年12月18日"):
            assert squeezed(words) in slip
    assert "存根" in slips[-1]


def county_after(desk: House, clerk: Hand) -> None:
    """The unit reports, the petitioner and the leader sign; seven slips come back one by one."""
    unit, leader = desk.people["land"], desk.people["zhangyan"]
    desk.day(1, 8, year=2027)
    unit.reload()
    unit.do("责任单位报告办理情况", report="差额已经拨付。", signatory="主任", proof="报告原件")
    clerk.back()
    answered(clerk)
    clerk.do("信访人签字", signature="同意", proof="签字件在案卷第9页")
    assert "销案存档" not in clerk.can()
    leader.reload()
    leader.do("领导签字")
    clerk.reload()
    missing = "、".join(EIGHT[:-2])
    assert clerk.can()["销案存档"] == f"八单还没有收回：{missing}、责任单位"
    desk.day(1, 15, year=2027)
    clerk.papers()
    for to in EIGHT[:-1]:
        clerk.back()
        assert clerk.can()["销案存档"]
        clerk.papers()
        row = clerk.main.get_by_role("row").filter(has_text=to).filter(has_text="收回了")
        follow(row.first.get_by_role("button"))
        assert "记下了" in clerk.words
    clerk.back()
    assert clerk.can()["销案存档"] == ""


def test_township(desk: House, clerk: Hand) -> None:
    """000b: first asked and urgent, the leader who can't come is replaced and both are seen."""
    desk.day(12, 14)
    number = written_down(clerk, "龙潭乡领导")
    clerk.begin("首问登记")
    assert clerk.main.locator("[name=f_first_asked]").input_value() == "wangfang"
    clerk.fill("f_", {"first_asked": ""})
    follow(clerk.main.locator("form.work button.go"))
    assert "请填写：首问责任人" in clerk.words
    clerk.do("首问登记", first_asked="wangfang", urgent="yes")
    clerk.back()
    assert "加急" in clerk.words
    clerk.begin("排领导接访")
    sitting = {"session": "longtan-township-20261216-0830", "unit": "水务站"}
    clerk.fill("f_", {"leader": "liu-guilan", **sitting})
    follow(clerk.main.locator("form.work button.go"))
    assert "这一场是徐永福接待" in clerk.words
    clerk.do("排领导接访", leader="xu-yongfu", **sitting)
    clerk.do("写初步处理意见", opinion="先通水，再算账。")
    clerk.do("通知各方到场")
    clerk.back()
    assert "接访领导徐永福（" in clerk.words
    assert "原定刘桂兰，改由徐永福接待" in clerk.words
    clerk.papers()
    for to in ("信访人", "徐永福"):
        sheet = clerk.printed("接访通知", to)
        assert "徐永福" in sheet
        assert "刘桂兰" not in sheet
        assert "2026年12月16日" in sheet

    substitute = desk.hand(
        "leader", "xuyongfu", person="xu-yongfu", institutions=frozenset({"longtan-township"})
    )
    desk.day(12, 16)
    substitute.find(number)
    substitute.do("记接访结果（四方见面）", present="四方都到", opinion="当场定下，三天通水。")
    substitute.papers()
    form = substitute.printed("来访登记表", "存根")
    for words in (number, "徐永福", "三天通水", "龙潭乡", "来电"):
        assert words in form
    clerk.reload()
    clerk.do("受理")
    assert "龙潭乡人民政府" in clerk.printed("接访通知", "信访人")
    clerk.do("接待室催办、查办", due="2026-12-25", note="电话催办。")
    assert "等：责任单位报告办理情况" in clerk.words
    clerk.do(
        "责任单位报告办理情况", report="已经通水。", signatory="主任", proof="报告原件在案卷第5页"
    )
    answered(clerk)
    signed(clerk, "xu-yongfu")
    contents = filed(clerk, "登记、材料、台账归成一卷")
    assert number in contents


def test_bureau(desk: House, clerk: Hand) -> None:
    """001: filed online by many; one plan; a written reply with proof; hearing and review."""
    unit = desk.hand("unit", "land")
    desk.day(12, 8)
    citizen = desk.citizen()
    online = {
        "receiver": "县信访局",
        "who": "几个人一起",
        "people": "12",
        "representatives": "甲\n乙",
    }
    number, code = citizen.file("appeal", desk.public.answers("appeal", **WHO, **online))
    clerk.find(number)
    clerk.do("登记", matter="land-acquisition", people="12")
    team = "多人反映的，定“五个一”方案"
    clerk.do(
        team, leader="zhang-yan", unit=LAND, opinion="一名领导、一个牵头单位、一个专班、一套方案。"
    )
    clerk.do("交办（职权以内的）", due="2027-01-20", opinion="请统一答复。")
    letter = clerk.printed("交办函", LAND)
    for words in (number, LAND, "2027年1月20日", "云岭县信访局", "请统一答复。"):
        assert squeezed(words) in letter
    assert LAND in clerk.printed("交办函", "信访人")
    desk.day(12, 10)
    unit.find(number)
    assert not {"书面答复", "归档录入", team, "延长期限"} & unit.can().keys()
    unit.do("受理")
    unit.back()
    assert unit.can()["书面答复"] == "先做“责任单位报告办理情况”"
    unit.do("责任单位报告办理情况", report="逐户核对完毕。", signatory="主任", proof="报告原件")
    unit.do("书面答复", words="每户补发，清单附后。")
    reply = unit.printed("答复意见书", "信访人")
    for words in (number, squeezed(WHO["name"]), "2026年12月10日", "每户补发", "30日", "复查"):
        assert words in reply
    clerk.reload()
    assert "归档录入" not in clerk.can()
    clerk.begin("送达")
    clerk.fill("f_", {"method": "邮寄"})
    follow(clerk.main.locator("form.work button.go"))
    assert "请填写：凭据" in clerk.words
    desk.day(12, 12)
    clerk.do("送达", served_on="2026-12-12", method="邮寄", proof="挂号信回执XA123")
    clerk.papers()
    assert "2026年12月12日" in clerk.printed("送达回证（答复意见书）", "信访人")
    told = squeezed(citizen.look_up(number, code).words)
    assert "每户补发" in told
    clerk.back()
    signed(clerk, "zhang-yan")
    filed(clerk, "归档录入")

    reviewed(desk, clerk)


def reviewed(desk: House, clerk: Hand) -> None:
    """A review takes 30 days from the receipt of its request; the hearing's days don't count."""
    desk.day(1, 4, year=2027)
    clerk.do(
        "请求复查", received_on="2027-01-04", review_body="云岭县人民政府", reason="少算了两户。"
    )
    assert "2027年2月3日" in clerk.words
    clerk.do("听证开始", heard_on="2027-01-10", words="请1月10日到会。")
    assert "2027年1月10日" in clerk.printed("听证通知", PETITIONER)
    clerk.back()
    assert "2027年2月3日" in clerk.words  # until the hearing begins
    desk.day(1, 10, year=2027)
    clerk.reload()
    assert "听证期间不计算" in clerk.words
    desk.day(1, 15, year=2027)
    clerk.do("听证结束", heard_on="2027-01-15", opinion="两户属实。")
    assert "2027年2月8日" in clerk.words
    clerk.do("作出复查意见", words="补算两户。")
    letter = clerk.printed("复查意见书", PETITIONER)
    for words in ("补算两户", "于2027年1月4日收到您的请求", "云岭县人民政府2027年1月15日"):
        assert squeezed(words) in letter
    assert "云岭县信访局" not in letter
    clerk.do("送达复查意见", method="当面", proof="送达回证第8号")
    clerk.back()
    assert "复查意见已送达" in clerk.words


def test_bureau_leads_litigation_to_its_window(desk: House, clerk: Hand) -> None:
    """001: what the courts decide is told so, and no clock of the office runs on."""
    desk.day(12, 8)
    written_down(clerk, "县信访局")
    clerk.do("登记")
    clerk.do("引到法律服务窗口", words="请到大厅法律服务窗口，电话0990-8800022。")
    assert "走法律程序" in clerk.words
    assert "没有正在走的期限" in clerk.words
    assert clerk.can().keys() == {"重新办理"}


def test_federation(desk: House, clerk: Hand) -> None:
    """002a: inside the remit 交办函, outside it 转办函; what nobody can answer is kept."""
    desk.day(12, 8)
    inside = written_down(clerk, "西坪社区残联", request="请求换一副轮椅。")
    clerk.do("首问登记", matter="community-disability")
    clerk.begin("填《交办函》（残联职责以内）")
    assert clerk.main.locator("[name=f_unit]").input_value() == "西坪社区残联"
    clerk.do("填《交办函》（残联职责以内）", opinion="本周办好。")
    letter = clerk.printed("交办函", "西坪社区残联")
    for words in (inside, "西坪社区残联", "请求换一副轮椅", "本周办好", "2026年12月8日"):
        assert squeezed(words) in letter
    clerk.do("受理")
    clerk.do("责任单位报告办理情况", report="轮椅已经送到。", signatory="主任", proof="签收单")
    answered(clerk)
    signed(clerk, "song-chunmei")
    assert inside in filed(clerk)

    outside = written_down(clerk, "西坪社区残联")
    clerk.do("首问登记")
    clerk.do("填《转办函》（职责以外，按属地）", unit="县民政局", reason="属于民政部门职责。")
    letter = clerk.printed("转办函", "县民政局")
    for words in (outside, "县民政局", "属于民政部门职责", "5个工作日"):
        assert squeezed(words) in letter
    assert "县民政局" in clerk.printed("转办函", "信访人")
    clerk.back()
    assert "2026年12月15日" in clerk.words  # 5 workdays for an objection, from Tuesday

    clerk.write_down("申诉求决", "西坪社区残联", channel="来信", request="（看不清楚）")
    clerk.go("信访人拿到了，接着办这件事")
    clerk.do("首问登记")
    clerk.do("登记存查（来信不清楚又联系不上）", reason="没有署名，没有电话。")
    assert "登记存查" in clerk.words
    assert "没有正在走的期限" in clerk.words


def test_heping(desk: House, clerk: Hand) -> None:
    """002b: received alone; nobody but the community's own clerk sees the case."""
    own = desk.hand("clerk", "heping", institutions=frozenset({"heping-community"}))
    other = desk.hand("clerk", "dongmen", institutions=frozenset({"dongmen-community"}))
    desk.day(12, 10)
    number = written_down(own, "和平社区")
    address = own.tab.url
    own.do("记入接待记录，念给本人听")
    other.menu("事项")
    assert number not in other.words
    other.find(number)
    assert "没有这个编号的事项，或者不归您看" in other.words
    other.tab.goto(address)
    assert number not in other.words
    assert PETITIONER not in other.words
    other.menu("登记来访")
    other.go("申诉求决")
    assert other.main.get_by_label("和平社区", exact=True).count() == 0

    own.do("受理", unit="和平社区")
    accepted = own.printed("受理告知书", "信访人")
    assert squeezed(PETITIONER) in accepted
    assert "2027年2月8日" in accepted
    own.do("责任单位报告办理情况", report="当天调解好了。", signatory="主任", proof="调解书")
    answered(own)
    signed(own, "feng-yuzhen")
    own.do("回话", solved="解决了")
    contents = filed(own)
    assert number in contents


def test_dongmen(desk: House, clerk: Hand) -> None:
    """002c: one cadre sees it through, or leads on; no archive without a call-back."""
    desk.day(12, 12)
    number = written_down(clerk, "东门社区")
    clerk.do("值班干部登记")
    clerk.do("领到管这件事的干部那里，当面交代", note="领到余倩处。")
    clerk.do("受理", unit="东门社区")
    clerk.back()
    assert clerk.can()["包督办，报告办理情况"] == "先做“包调查”"
    clerk.do("包调查", report="楼上漏水属实。")
    clerk.do("包督办，报告办理情况", report="楼上已经修好。", signatory="主任", proof="照片")
    answered(clerk)
    signed(clerk, "yu-haibo")
    assert clerk.can()["包结案，归档"] == "先做“回访”"
    clerk.begin("包结案，归档")
    assert "现在还不能做：先做“回访”" in clerk.words
    assert clerk.main.locator("form.work button.go").is_disabled()
    clerk.do("回访", solved="解决了")
    contents = filed(clerk, "包结案，归档")
    for words in (number, squeezed(PETITIONER), "2026年12月12日"):
        assert words in contents


def test_town(desk: House, clerk: Hand) -> None:
    """002d: the leader signs case by case; receiving leader and leader in charge both consent."""
    town = frozenset({"qingshi-town"})
    receiving = desk.hand("leader", "lv", person="lv-dayong", institutions=town)
    incharge = desk.hand("leader", "deng", person="deng-changqing", institutions=town)
    desk.day(12, 8)
    number = written_down(clerk, "青石镇领导")
    receiving.find(number)
    assert "不归您看" in receiving.words
    clerk.do("登记", matter="village-affairs", people="2")
    clerk.do(
        "排领导接访",
        leader="lv-dayong",
        incharge="deng-changqing",
        session="qingshi-town-20261208-0830",
        unit="青石镇农业农村办",
    )
    clerk.do("写初步处理意见", opinion="重新丈量。")
    clerk.do("通知各方到场")
    assert "2026年12月8日" in clerk.printed("接访通知", "信访人")
    receiving.find(number)
    receiving.do("填来访登记表，领导逐件签署意见", present="四方都到", opinion="同意重新丈量。")
    form = receiving.printed("来访登记表", "存根")
    for words in ("领导干部接待群众来访登记表", number, "吕大勇", "镇人大主席", "同意重新丈量"):
        assert words in form
    clerk.reload()
    clerk.do("送交办通知书（部门和信访人各一份）", due="2027-02-01")
    assert clerk.sheets("交办函")[:2] == ["青石镇农业农村办", f"信访人（{PETITIONER}）"]
    clerk.do("受理")
    clerk.do(
        "承办单位提出处理意见（60日内）",
        report="差两分地，应当补。",
        signatory="主任",
        proof="处理意见原件",
    )
    waiting = clerk.can()["书面答复"]
    assert "接访领导同意" in waiting
    assert "分管领导同意" in waiting
    receiving.reload()
    receiving.back()
    assert "分管领导同意" not in receiving.can()
    receiving.do("接访领导同意", opinion="同意。")
    clerk.reload()
    assert clerk.can()["书面答复"] == "先做“分管领导同意”"
    incharge.find(number)
    assert "接访领导同意" not in incharge.can()
    incharge.do("分管领导同意", opinion="同意。")
    clerk.reload()
    answered(clerk)
    clerk.do("信访人签字", signature="同意", proof="签字件")
    receiving.reload()
    receiving.do("领导签字")
    clerk.reload()
    contents = filed(clerk)
    for words in (number, "领导干部接待群众来访登记表", "信访事项答复意见书"):
        assert words in contents


def test_school(desk: House, clerk: Hand) -> None:
    """002e: a pupil's letter goes to the school's leader; what comes late is explained."""
    head = desk.hand(
        "leader", "yeqing", person="ye-qing", institutions=frozenset({"yunling-school"})
    )
    desk.day(12, 7)
    number = written_down(clerk, "县第二中学", channel="来信", relation="学生")
    assert "您和学校的关系学生" in clerk.words
    clerk.do("登记", leader="ye-qing")
    assert clerk.can()["交给年级、处室办理"] == "先做“学校领导批示”"
    head.find(number)
    head.do("学校领导批示", opinion="请德育处一周内办，注意保护学生。")
    clerk.reload()
    clerk.do("交给年级、处室办理", unit="德育处", due="2026-12-14", opinion="不要在班里公开。")
    letter = clerk.printed("交办函", "德育处")
    for words in (number, "德育处", "2026年12月14日", "不要在班里公开", "云岭县第二中学"):
        assert words in letter
    clerk.do("受理", accepted_on="2026-12-07")
    desk.day(12, 15)
    clerk.do(
        "说明延期的原因和新的日期", promised="2026-12-22", reason="住院。", words="改在22日答复。"
    )
    clerk.back()
    assert "2026年12月22日" in clerk.words  # promised
    assert "2027年2月5日" in clerk.words  # by law, from acceptance: told apart
    clerk.do("责任单位报告办理情况", report="已经调班。", signatory="主任", proof="报告")
    answered(clerk)
    signed(clerk, "ye-qing")
    assert number in filed(clerk)
    clerk.menu("事项")
    follow(clerk.main.get_by_role("link", name="已办结"))
    assert number in clerk.words
    assert PETITIONER not in clerk.words  # a pupil's name is on no list


def test_district(desk: House, clerk: Hand) -> None:
    """003: closing report, reply, the petitioner's opinion, the leader's signature, archive."""
    leader = desk.hand(
        "leader", "ren", person="ren-zhihong", institutions=frozenset({"nancheng-district"})
    )
    desk.day(12, 14)
    number = written_down(clerk, "南城区领导")
    clerk.do("登记")
    clerk.do(
        "排领导接访",
        leader="ren-zhihong",
        session="nancheng-district-20261215-0900",
        unit="区住建局",
    )
    clerk.do("写初步处理意见", opinion="拟由区住建局修缮。")
    clerk.do("通知各方到场")
    assert "2026年12月15日" in clerk.printed("接访通知", "信访人")
    desk.day(12, 15)
    leader.find(number)
    leader.do("记接访结果（四方见面）", present="四方都到", opinion="同意。")
    clerk.reload()
    clerk.do("受理")
    clerk.back()
    assert clerk.can()["答复信访人"] == "先做“责任单位写结案报告”"
    assert not {"送达", "信访人签署意见", "接访领导审阅签字"} & clerk.can().keys()
    clerk.do("责任单位写结案报告", report="修缮完工。", signatory="主任", proof="结案报告原件")
    answered(clerk, "答复信访人")
    assert "接访领导审阅签字" not in clerk.can()
    clerk.do("信访人签署意见", signature="同意", note="满意。", proof="签字件")
    assert "区信访联席会议办公室归档" not in clerk.can()
    leader.reload()
    leader.do("接访领导审阅签字")
    clerk.reload()
    contents = filed(clerk, "区信访联席会议办公室归档")
    for words in (number, "信访事项答复意见书", "2026年12月15日", "区住建局"):
        assert words in contents


def test_district_office(desk: House, clerk: Hand) -> None:
    """004: leader, measure, date, duty are fixed; the unit that answers signs; archive."""
    unit = desk.hand("unit", "water", unit="县水利局")
    desk.day(12, 8)
    number = written_down(clerk, "北河区")
    clerk.do("首问登记", matter="water")
    clerk.do("交办（职权以内的）", unit="县水利局")
    assert "北河区" in clerk.printed("交办函", "县水利局")
    clerk.do("受理")
    clerk.back()
    fix = "四定：定领导、定措施、定时间、定责任"
    assert clerk.can()["责任单位报告办理情况"] == f"先做“{fix}”"
    clerk.do(fix, leader="mao-xiaoguang", due="2026-12-25", opinion="清淤，每天一报。")
    unit.find(number)
    assert fix not in unit.can()
    unit.do("责任单位报告办理情况", report="渠道已清。", signatory="主任", proof="报告原件")
    clerk.reload()
    clerk.begin("责任单位审核、签发答复")
    assert "这是责任单位负责人的签字，您来代录" in clerk.words
    unit.begin("责任单位审核、签发答复")
    assert "您来代录" not in unit.words
    unit.do("责任单位审核、签发答复", words="渠道已清，请用水。", signatory="局长", proof="签发稿")
    reply = unit.printed("答复意见书", "信访人")
    for words in (number, "县水利局", "渠道已清,请用水。", "2026年12月8日"):
        assert words in reply
    clerk.back()
    clerk.do("送达", method="当面", proof="送达回证第9号")
    clerk.back()
    signed(clerk, "mao-xiaoguang")
    contents = filed(clerk)
    for words in (number, "信访事项答复意见书", "县水利局"):
        assert words in contents
