"""Headings, captions and caveats of the page."""

from __future__ import annotations

from collections.abc import Mapping

from scenarios.report.wording import NO_RANKING
from scheduler.texts import Text

WORDS: Mapping[str, Text] = {
    "title": Text("情景方案对比", "Comparison of scenarios"),
    "subtitle": Text("涉企联合检查（综合查一次）", "Joint enterprise inspections: one combined visit"),
    "language": Text("语言", "Language"),
    "skip": Text("跳到关键指标", "Skip to the key figures"),
    "compared": Text("比较了什么、怎么比的", "What was compared, and how"),
    "key": Text("关键指标", "Key figures"),
    "key_caption": Text(
        "每个方案的关键指标：数值，与基准之差，差异有无证据",
        "Key figures of every scenario: value, difference to the base, evidence of the difference",
    ),
    "scenario": Text("方案", "Scenario"),
    "reading": Text("如何看“证据”", "How to read the evidence"),
    "mark": Text("标记", "Mark"),
    "meaning": Text("含义", "What it means"),
    "charts": Text("图", "Charts"),
    "all": Text("全部指标", "All figures"),
    "all_caption": Text(
        "全部指标，每列一个方案：数值（各种子的最小–最大），≥ 已证明的下界，与基准之差，差异有无证据",
        "All figures, a column for each scenario: value (least–greatest over seeds), ≥ proven lower bound, difference "
        "to the base, evidence",
    ),
    "metric": Text("指标", "Metric"),
    "changes": Text("各方案修改了什么", "What each scenario changes"),
    "no_change": Text("不做修改。", "Changes nothing."),
    "seeds": Text("随机种子", "Seeds"),
    "notes": Text("注意", "Note"),
    "caveats": Text("说明", "Notes"),
    "scroll": Text("（可左右滚动）", "(scrolls sideways)"),
}

CAVEATS: tuple[Text, ...] = (
    Text(
        "每个方案都从同一个案例出发，只做所列修改，用相同的限额排出一份完整排程；数值取最好的一次运行，"
        "须线和括号里是各随机种子的最小与最大。",
        "Every scenario starts from the same case, makes only the changes that are listed, and is planned whole within "
        "the same limits. Figures are those of the best run; whiskers and brackets give least and greatest over seeds.",
    ),
    Text(
        "指标按先后次序优化，前面的优先：后面的指标变差，可能是为前面的指标变好付出的代价。",
        "Terms are minimised in turn, the earlier ones first: a later one may be worse for an earlier one's sake.",
    ),
    Text(
        "方案改动了要安排的事项时（见各方案的“注意”），次数和权重不宜直接与基准相比。",
        "Where a scenario changes what is to be served (see its notes), counts and weights are not directly comparable "
        "with the base.",
    ),
    Text(
        "“无证据表明有差异”不等于证明了没有差异。",
        "“No evidence” is not a proof that there is no difference.",
    ),
    NO_RANKING,
)
