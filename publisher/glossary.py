"""What each field of ``content/`` is called in Chinese: one table for errors and editor help."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

# ``Model.field`` wins over ``field``.
GLOSSES: dict[str, str] = {
    "access": "怎么走、无障碍通道",
    "added": "增加的场次",
    "address": "地址",
    "announced": "宣布日期",
    "area": "地区",
    "article": "依据哪一条",
    "at": "截止时刻",
    "at_least": "至少几次",
    "away": "不在岗的日子",
    "before": "填写前须知",
    "booking": "预约办法",
    "bring": "请带材料",
    "by": "预约方式",
    "cancelled": "取消",
    "cases": "收到件数",
    "chain": "办理步骤",
    "changes": "变动",
    "channels": "按来的方式分",
    "choices": "选项",
    "clocks": "法定期限",
    "closed": "其中按期办结",
    "code": "主管部门编号",
    "companions": "陪同接访人",
    "confidential": "单独保密存放",
    "contact": "年度联系方式",
    "conveniences": "便民措施",
    "course": "提交以后怎样办理",
    "courses": "哪几种办理方式适用",
    "Figures.courses": "按事情的性质分",
    "UnitFigures.courses": "按事情的性质分",
    "date": "日期",
    "Change.date": "改到哪天",
    "dates": "日期清单",
    "days": "几天",
    "Figures.days": "接待日场次",
    "UnitFigures.days": "接待日场次",
    "days_before": "提前几个工作日截止",
    "desks": "窗口",
    "does": "办什么",
    "due": "到期应办结",
    "effective": "施行日期",
    "email": "电子邮箱",
    "event": "给以前登记的事记什么",
    "fictional": "虚构说明",
    "fields": "栏目",
    "first": "先去哪里",
    "flow": "流程图",
    "former": "原任职务",
    "from": "开始日期",
    "group": "类别",
    "groups": "按事项类别分",
    "hint": "填写提示",
    "holiday": "遇节假日怎么办",
    "holidays": "放假安排",
    "host": "主办单位",
    "hosts": "可以链接的外部网站",
    "hours": "办公时间",
    "icp": "ICP备案号",
    "id": "编号",
    "instead": "暂停期间怎么反映",
    "resumes": "从哪天恢复接访",
    "resumes_announced": "恢复的公布日期",
    "institution": "单位",
    "institutions": "哪些单位",
    "issued": "公布日期",
    "issuer": "发文机关",
    "keep": "保存期限",
    "key": "区分同一时间两场的记号",
    "kind": "类别",
    "InstitutionFile.kind": "单位类别",
    "label": "名目",
    "leaders": "接访领导",
    "Rule.leaders": "每场几位领导",
    "length": "多长",
    "limit": "最多字数",
    "lines": "最多几行",
    "litigation": "涉法涉诉事项",
    "maintainer": "承办单位",
    "makeup": "调休上班日",
    "Rule.makeup": "调休上班日也接访",
    "materials": "所需材料",
    "matters": "事项",
    "mode": "接访方式",
    "month": "月份",
    "months": "几个月",
    "must_sit": "必须到场接访的领导",
    "name": "名称",
    "Person.name": "姓名",
    "named": "由领导接访",
    "not_received": "不在此受理的",
    "note": "备注",
    "notice": "说明文字",
    "number": "电话号码",
    "Regulation.number": "文号",
    "official": "官方文本在哪里",
    "official_url": "官方文本网址",
    "Site.online": "网上办理",
    "YearlyContact.online": "网上怎么反映",
    "order": "排列次序",
    "otherwise": "另一条路",
    "overdue": "其中超期",
    "parent": "上级单位",
    "part": "小标题",
    "people": "人员",
    "per": "按月还是按年计",
    "persons": "反映人数",
    "phone": "电话",
    "phones": "电话",
    "place": "地点",
    "place_order": "几个地点轮流还是同时",
    "places": "地点",
    "pledges": "承诺",
    "police_record": "公安备案号",
    "portal": "门户网站",
    "portfolio": "分管领域",
    "post": "职务",
    "postal_address": "通信地址",
    "postcode": "邮政编码",
    "primary": "首页单位",
    "principal": "主要领导",
    "procedure": "办理流程",
    "published": "公布日期",
    "query": "怎样查进度和结果",
    "quota": "名额",
    "reason": "原因",
    "receives": "接待对象和范围",
    "Person.receives": "参加接访",
    "receptions": "领导接访人次",
    "released": "公布日期",
    "report_errors": "找错",
    "representatives": "多人反映时的代表人数",
    "required": "必填",
    "Booking.required": "必须预约",
    "rota": "轮值名单",
    "rrule": "重复规则",
    "rule": "接访规则",
    "rules": "接访规则",
    "says": "规则说明",
    "session": "原定场次",
    "sessions": "场次",
    "short": "简称",
    "signs": "公示落款",
    "since": "到任日期",
    "site_id_code": "政府网站标识码",
    "skips": "不接访的日子",
    "source": "来源",
    "starts": "从什么时候起算",
    "substitute": "代班领导",
    "substitutes": "代班安排",
    "summary": "摘要",
    "suspensions": "暂停接访",
    "text": "说明",
    "then": "提交以后",
    "time": "时间",
    "times": "接访时间",
    "title": "标题",
    "to": "结束日期",
    "today": "固定的今天",
    "total": "合计",
    "type": "栏目类型",
    "unit": "责任单位",
    "LegalClock.unit": "日还是工作日",
    "units": "各单位",
    "unit_phone": "责任单位电话",
    "until": "截止日期",
    "Person.until": "离任日期",
    "updated": "更新日期",
    "url": "网址",
    "vacations": "假期",
    "weekends": "周末也接访",
    "what": "保存什么",
    "when": "什么情况下才填",
    "within": "时限",
    "words": "群众怎么说",
    "year": "年份",
    # documents
    "blank_rows": "留几行空白",
    "body": "正文",
    "cc": "抄送",
    "closing": "结束语",
    "columns": "各列",
    "head": "红头",
    "Paper.date": "落款日期",
    "Paper.fields": "栏目",
    "half": "半行",
    "kept": "存根上的话",
    "landscape": "横着打印",
    "layout": "式样",
    "PaperField.limit": "最多打印多少字",
    "notes": "页下说明",
    "Paper.number": "编号",
    "one_page": "打在一页上",
    "remedy": "不服怎么办",
    "returned": "要退回的一联上的话",
    "share": "列宽",
    "sign": "落款",
    "signatures": "签字的地方",
    "space": "留几行写字",
    "step": "对应哪一步",
    "Paper.to": "写给谁",
    "value": "填什么",
    "Paper.title": "文书名称",
    # the courses of cases: content/courses/*.yml, content/states.yml
    "CourseFile.institutions": "哪些单位照这样办",
    "CourseFile.kind": "哪一类事",
    "CourseFile.like": "照哪一种通用的办法，只写不同的",
    "CourseFile.papers": "几种单子",
    "CourseFile.starts": "从收到开始算的期限",
    "CourseFile.steps": "一步一步，平常的顺序",
    "CourseFile.without": "通用的办法里不要的步骤",
    "CopyEntry.id": "这一份的编号",
    "CopyEntry.returns": "要不要收回",
    "CopyEntry.template": "文书样式（documents 里的文件名）",
    "CopyEntry.to": "给谁",
    "PaperEntry.copies": "一式几份",
    "StateEntry.closed": "是不是办结",
    "StateEntry.says": "信访人查进度看到的话",
    "StatesFile.states": "所有状态",
    "StepEntry.after": "在哪些状态可以做",
    "StepEntry.again": "重新打开，以前做过的不算",
    "StepEntry.aside": "岔路，不提示成下一步",
    "StepEntry.asks": "要填什么，可以不填的带 ?",
    "StepEntry.awaits": "填了日期以后，等哪一步",
    "StepEntry.before": "排在哪一步前面",
    "StepEntry.by": "谁做",
    "StepEntry.brings": "随着收回哪几种单子",
    "StepEntry.clears": "哪几步要重新做",
    "StepEntry.late": "哪个期限过了才能做",
    "StepEntry.needs": "先要做完哪几步，轮到过才要的带 ?",
    "StepEntry.on": "期限从哪一栏的日期算起",
    "StepEntry.papers": "这时发出哪几种单子",
    "StepEntry.pauses": "哪个期限暂停",
    "StepEntry.remedy": "不服怎么办，预先填好的话",
    "StepEntry.resumes": "哪个期限接着算",
    "StepEntry.returned": "哪种单子要先收回",
    "StepEntry.says": "信访人查进度看到的话",
    "StepEntry.signs": "谁的签字",
    "StepEntry.starts": "哪个期限开始",
    "StepEntry.stops": "哪个期限停止",
    "StepEntry.tells": "要不要写给信访人",
    "StepEntry.to": "做完到哪个状态",
}


def gloss(model: type[BaseModel] | None, field: str) -> str:
    """The Chinese name of a field, or nothing."""
    own = GLOSSES.get(f"{model.__name__}.{field}") if model else None
    return own or GLOSSES.get(field, "")


def label(model: type[BaseModel] | None, field: str) -> str:
    """``post（职务）``, as messages name a field."""
    chinese = gloss(model, field)
    return f"{field}（{chinese}）" if chinese else field


def field_names(model: type[BaseModel]) -> list[str]:
    """The names that may stand in a file."""
    return [info.alias or name for name, info in model.model_fields.items()]


def model_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> type[BaseModel] | None:
    """The model that holds the value at ``loc``, or None where a plain list or table holds it."""
    here: Any = model
    for part in loc[:-1]:
        here = _step(here, part)
        if here is None:
            return None
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _step(kind: Any, part: str | int) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, info in kind.model_fields.items():
            if (info.alias or name) == part:
                return _bare(info.annotation)
        return None
    args = get_args(kind)
    if get_origin(kind) is tuple and isinstance(part, int):
        return _bare(args[0])
    return _bare(args[1]) if get_origin(kind) is dict else None


def _bare(kind: Any) -> Any:
    """The type without ``| None`` and ``Annotated``."""
    origin = get_origin(kind)
    if origin is Annotated:
        return _bare(get_args(kind)[0])
    if origin in (Union, UnionType):
        return _bare(next(arg for arg in get_args(kind) if arg is not type(None)))
    return kind
