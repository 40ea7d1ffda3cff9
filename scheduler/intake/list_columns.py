"""Registers of the published lists (清单): laws, powers, inspection items, whose they are, delegations, leniency."""

from __future__ import annotations

from scheduler.domain.fieldwork.kinds import LeniencyList
from scheduler.intake.column import Kind, Table, may, must
from scheduler.itemlist import BodyKind

POWER_KINDS = ("inspection", "penalty", "coercion", "licence", "other")
_LEVELS = ("city", "district", "street")
_AUTHORITY = ("部门编号", "部门代码", "部门", "检查主体编号", "检查主体")
_CODE = ("事项代码", "检查事项代码", "事项编码")
_STREET = ("街道编号", "街道代码", "街道")
_LAW = ("法律编号", "法规编号", "依据编号")
_FROM, _TO = ("起始日期", "生效日期", "自"), ("截止日期", "失效日期", "至")

LAWS = Table(
    name="laws",
    required=False,
    aliases=("法律法规", "法律法规规章"),
    columns=(
        must("law_id", Kind.IDENT, _LAW, unique=True),
        must("name", Kind.TEXT, ("名称", "法律名称")),
        may("issued_by", Kind.TEXT, ("制定机关", "发布机关")),
        may("in_force", Kind.DATE, ("施行日期", "生效日期")),
    ),
)
POWERS = Table(
    name="powers",
    required=False,
    aliases=("权力事项", "职权事项"),
    columns=(
        must("power_id", Kind.IDENT, ("职权编号", "权力事项编号"), unique=True),
        must("authority_id", Kind.IDENT, _AUTHORITY),
        must("name", Kind.TEXT, ("职权名称", "名称")),
        must("power_kind", Kind.CHOICE, ("职权类型", "权力类型"), choices=POWER_KINDS),
        may("law_id", Kind.IDENT, _LAW),
        may("article", Kind.TEXT, ("条款", "条文")),
    ),
)
INSPECTION_ITEMS = Table(
    name="inspection_items",
    required=False,
    aliases=("行政检查事项清单", "检查事项清单", "检查事项目录"),
    columns=(
        must("item_code", Kind.IDENT, _CODE, unique=True),
        must("name", Kind.TEXT, ("事项名称", "检查事项名称", "名称")),
        may("level", Kind.CHOICE, ("层级", "级别"), choices=_LEVELS),
        may("law_id", Kind.IDENT, _LAW),
        may("legal_basis", Kind.TEXT, ("法律依据", "检查依据")),
        may("published", Kind.DATE, ("公布日期", "公布")),
        may("withdrawn", Kind.DATE, ("取消日期", "废止日期")),
        may("remote", Kind.FLAG, ("可非现场", "可书面核查")),
        may("industry", Kind.TEXT, ("行业", "适用行业")),
        may("minutes", Kind.WHOLE, ("标准时长", "时长"), low=1, high=24 * 60),
        may("papers", Kind.TEXT, ("需备材料", "材料清单")),
    ),
)
BODIES = Table(
    name="bodies",
    required=False,
    aliases=("行政检查主体公告", "检查主体公告"),
    columns=(
        must("authority_id", Kind.IDENT, _AUTHORITY, unique=True),
        must("body_kind", Kind.CHOICE, ("主体类型", "主体性质"), choices=tuple(BodyKind)),
        may("announced", Kind.DATE, ("公告日期", "公布日期")),
        may("acts_for", Kind.IDENT, ("委托机关", "委托主体")),
    ),
)
AUTHORITY_ITEMS = Table(
    name="authority_items",
    required=False,
    aliases=("主体事项", "检查主体事项"),
    columns=(
        must("authority_id", Kind.IDENT, _AUTHORITY),
        must("item_code", Kind.IDENT, _CODE),
        may("from", Kind.DATE, _FROM),
        may("to", Kind.DATE, _TO),
    ),
)
DELEGATIONS = Table(
    name="delegations",
    required=False,
    aliases=("赋权事项", "下放事项"),
    columns=(
        must("item_code", Kind.IDENT, _CODE),
        must("authority_id", Kind.IDENT, ("赋权部门", "原部门", *_AUTHORITY)),
        must("street_id", Kind.IDENT, _STREET),
        must("to_authority", Kind.IDENT, ("承接主体", "承接部门")),
        must("from", Kind.DATE, _FROM),
        may("to", Kind.DATE, _TO),
        may("document_no", Kind.TEXT, ("文号", "赋权文号")),
    ),
)
LENIENCY_ITEMS = Table(
    name="leniency_items",
    required=False,
    aliases=("减免责清单", "包容审慎清单"),
    columns=(
        must("leniency_code", Kind.IDENT, ("清单编号", "条目编号"), unique=True),
        must("leniency_list", Kind.CHOICE, ("清单", "清单类型"), choices=tuple(LeniencyList)),
        must("name", Kind.TEXT, ("违法行为", "名称")),
        may("law_id", Kind.IDENT, _LAW),
        may("condition", Kind.TEXT, ("适用条件", "条件")),
    ),
)
LISTS = (LAWS, POWERS, INSPECTION_ITEMS, BODIES, AUTHORITY_ITEMS, DELEGATIONS, LENIENCY_ITEMS)
"""In an order in which references are there before they are referred to."""

VALUES: dict[str, dict[str, str]] = {
    "power_kind": {"检查": "inspection", "行政检查": "inspection", "处罚": "penalty", "行政处罚": "penalty"}
    | {"强制": "coercion", "行政强制": "coercion", "许可": "licence", "行政许可": "licence", "其他": "other"},
    "body_kind": {"行政机关": "organ", "法律法规授权组织": "authorised", "依法受委托组织": "entrusted"}
    | {"受委托组织": "entrusted", "授权组织": "authorised"},
    "leniency_list": {"免予处罚": "no_penalty", "免罚": "no_penalty", "减轻处罚": "mitigated", "减轻": "mitigated"}
    | {"从轻处罚": "lighter", "从轻": "lighter", "免予行政强制": "no_coercion", "免强制": "no_coercion"},
}
"""Other values that are accepted, with what they mean."""
