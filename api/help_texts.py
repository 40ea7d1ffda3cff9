"""Help of every command and parameter in Chinese and English; a test finds those without."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.texts import Text

COMMANDS: Mapping[str, Text] = {
    "onevisit": Text(
        "把各部门的检查计划合并为联合入企检查（综合查一次）。"
        "退出码：0 完成，1 发现问题，2 用法错误，130 被 Ctrl-C 放弃。",
        "Merge departments' inspection plans into joint enterprise visits. "
        "Exit codes: 0 done, 1 found wrong, 2 usage, 130 given up with Ctrl-C.",
    ),
    "solve": Text(
        "求解一个案例，写出经过检查的排程。第一次 Ctrl-C 停止并保留目前最好的结果，第二次放弃。",
        "Solve a case and write a checked schedule. "
        "The first Ctrl-C stops and keeps the best so far, the second gives up.",
    ),
    "check": Text(
        "用全部规则检查排程文件夹，并核对汇总中的指标。",
        "Check a schedule folder by every rule, and the terms that its summary states.",
    ),
    "show": Text("按日显示排程中的入企检查。", "Show the visits of a schedule, day by day."),
    "simulate": Text(
        "在随机的检查时长和路途下多次模拟排程：准时率、等候和超时分钟；--against 在同一随机数上比较。",
        "Simulate a schedule under random durations and travel: starts on time, minutes of waiting and overtime. "
        "With --against, schedules are compared on the same random numbers.",
    ),
    "move": Text(
        "检查一次入企能否改到另一日期、班次和时间：违反哪些规则、各指标变化多少、该班次中代价最小的开始时间；可写出新排程。",
        "Check whether a visit may move to another date, shift and start: the rules that it would break, what it costs "
        "in each term, and the cheapest start of that shift; write the new schedule when asked to.",
    ),
    "slots": Text(
        "为一次入企提供代价最小的几个时段及其理由；可选定其中一个并写出新排程。",
        "Offer the slots of a visit that cost least, with the sentence why; take one and write the new schedule.",
    ),
    "notices": Text(
        "向企业发出到期的检查预告（新的、变更的、取消的），并投递待发的邮件和平台通知；可由定时任务调用。",
        "Tell enterprises of announced visits that are due, changed or withdrawn, and send the mail and webhooks that "
        "wait; for a timer where no server carries out runs.",
    ),
    "urgent": Text(
        "把紧急个案（投诉举报等，不告知、不计频次）插入今天或下一个检查日的街道班次，其他入企不变；说明是否需要单独出动，并提醒过频。",
        "Put an urgent case (a complaint: unannounced, exempt from caps) into the street shifts of today or the next "
        "inspection date while every other visit stays; say whether it needs a trip of its own, and remind of a visit "
        "too soon after the last.",
    ),
    "outline": Text(
        "长计划期（如一年）先粗排：按各部门班组的总时间确定每项在哪一季度；再细排最近一季，之后带着已执行的结果滚动。",
        "Outline a long horizon, as a year: in which quarter every item is served, by the crews' minutes added up. "
        "Then plan the near quarter in detail, and roll on with what was carried out.",
    ),
    "whatif": Text(
        "比较多个方案（加减班组、频次、安静期、不合并……）：同样的种子与限额，逐项指标，并标明差异是否有证据。",
        "Compare scenarios (more or fewer crews, caps, quiet periods, no merging …): same seeds and limits, metric by "
        "metric, with the evidence for every difference.",
    ),
    "question": Text(
        "直接回答规划问题；每个答案都已实行并重新排程核实。",
        "Answer a planner's question; each answer is carried out and planned again before it is given.",
    ),
    "question crews": Text(
        "需要哪些部门增加多少班组才能全部安排，各增加一个班组值多少。",
        "How many crews of which authority would serve everything, and what one more of each is worth.",
    ),
    "question days": Text("现有需求最少需要多少个联合检查日。", "How few joint days would do for the present demand."),
    "question quiet": Text(
        "每月安静多少天不影响安排（盈亏平衡点）。", "How many quiet days a month cost nothing (the break-even)."
    ),
    "question serve": Text(
        "要安排这些事项，代价最小的改变是什么。", "The cheapest changes that serve a given set of items."
    ),
    "replan": Text(
        "根据事件（完成、无人应门、停业、缺员、取消、新增或撤回事项、频次调整）重新编排已发布的排程，尽量少改动，并说明每处改动的原因。",
        "Re-plan a published schedule after events (done, nobody in, closed, crew missing, cancelled, items added or "
        "withdrawn, cap changed): few published visits move, and every change has its reason.",
    ),
    "draw": Text(
        "双随机抽取：人员与检查对象，可重放、可验证。",
        "The double-random draw: officers and targets, replayable and verifiable.",
    ),
    "draw commit": Text(
        "生成保密的种子并显示其承诺值；在名册确定之前公布承诺值。",
        "Make a secret seed and show its commitment, which is published before the roster is known.",
    ),
    "draw officers": Text(
        "为排程的每个班组班次随机抽取两名执法人员：证件有效、在岗、不回避、不与上次相同、班次均衡。",
        "Draw two officers for every crew shift: certified, on duty, not recused, not those of last time, even loads.",
    ),
    "draw targets": Text(
        "按信用等级和行业分层随机抽取检查对象，生成检查事项。",
        "Draw inspection targets by strata of credit class and industry; they become plan items.",
    ),
    "draw verify": Text(
        "按记录重新抽取，说明是否真实（0 真实，1 不真实）。",
        "Draw again from the record and say whether it is true (exit code 0) or not (1).",
    ),
    "explain": Text(
        "回答关于排程的问题：答案出自模型，所说的办法都已实际试排。",
        "Answer questions about a schedule, from the model; what an answer claims has been tried out.",
    ),
    "explain item": Text(
        "某事项为何未办：每一条阻碍的规则，以及代价最小的放宽，已按其重新排程验证。",
        "Why is an item not served: every rule that blocks it, and the cheapest relaxation, checked by planning again.",
    ),
    "explain serve": Text(
        "怎样才能办理某事项：多种办法（含在若干日期增加班组），逐一重新排程验证，并说明还能多办哪些事项。",
        "What would it take to serve an item: several ways, crews on some dates among them, each checked by planning "
        "again, with the other items that it serves.",
    ),
    "explain day": Text(
        "某次入企为何不在另一天：将违反的规则或增加的代价；若同样好或更好，也如实说明。",
        "Why is a visit not on another date: the rules that it would break or what it would cost there; says so when "
        "it would be as good or better.",
    ),
    "explain hour": Text(
        "某次入企为何不能更早开始：环环相扣的原因，并以提前一分钟所违反的规则验证。",
        "Why does a visit not start earlier: the chain that binds it, checked by the rules that one minute earlier "
        "would break.",
    ),
    "explain crews": Text(
        "某部门在某街道班次为何需要这么多班组：证明的下限，或说明未能证明。",
        "Why does an authority need so many crews in a street shift: a proven bound, or that none is proven.",
    ),
    "validate": Text("报告案例中的所有问题。", "Report every problem of a case."),
    "generate": Text("生成案例。", "Make a case."),
    "generate street": Text(
        "生成一个或几个深圳街道的合成案例。", "Make a synthetic case of one or several streets of Shenzhen."
    ),
    "generate district": Text(
        "生成一个或几个深圳的区的合成案例。", "Make a synthetic case of one or several districts of Shenzhen."
    ),
    "generate city": Text("生成深圳全市 74 个街道的合成案例。", "Make a synthetic case of all 74 streets of Shenzhen."),
    "generate year": Text(
        "由一个季度的案例生成一年的案例：每项一年出现一至三次。",
        "Make the case of a year out of a quarter's: every item comes one to three times.",
    ),
    "generate toronto": Text(
        "把多伦多一个季度的公开检查数据转换为案例（部分内容为推算）。",
        "Turn a quarter of Toronto's open inspection data into a case (part of it derived).",
    ),
    "serve": Text(
        "启动规划服务（HTTP）。默认使用数据文件夹中的 SQLite；也可用环境变量 ONEVISIT_… 配置。首次显示一次管理员密钥。",
        "Serve the planning service over HTTP, by default on SQLite in a data folder; the environment (ONEVISIT_…) "
        "configures it too. The first start shows the administrator's key once.",
    ),
    "db": Text("服务的数据库。", "The service's database."),
    "db upgrade": Text("把数据库升级到本版本。", "Bring the database up to this version."),
    "db administrator": Text(
        "新建一个管理员及其 API 密钥。", "Make another administrator with an API key, when every key is lost."
    ),
    "db check": Text(
        "检查数据库：版本、完整性、审计链、计划与事项是否一致。",
        "Check the database: revision, integrity, audit chain, plans against their items.",
    ),
    "db backup": Text(
        "把整个数据库备份为一个文件，可恢复到 SQLite 或 PostgreSQL。",
        "Back the whole database up into one file, for SQLite or PostgreSQL.",
    ),
    "db restore": Text("把备份恢复到新的数据库。", "Restore a backup to a new database."),
    "remote": Text(
        "使用远程的规划服务。密钥取自环境变量 ONEVISIT_KEY 或 --key-file，从不写在命令行上。",
        "Use a planning service. The key comes from ONEVISIT_KEY or --key-file, never from the command line.",
    ),
    "remote submit": Text(
        "提交一个部门的计划（csv、xlsx、json）：要么全部保存，要么列出每一处错误。连接中断后重试无害。",
        "Submit a department's plan (csv, xlsx, json): all of it, or a report of every problem. "
        "Trying again after a lost connection is harmless.",
    ),
    "remote plans": Text("列出计划。", "List plans."),
    "remote approve": Text("批准一份计划，此后列入排程。", "Approve a plan, so that it is scheduled."),
    "remote withdraw": Text("撤回一份计划并说明原因；记录保留。", "Withdraw a plan with the reason; it is kept."),
    "remote import": Text(
        "导入一个登记表（--table），或整个案例（文件夹、zip、工作簿）作为一个计划期。",
        "Import a register (--table), or a whole case (folder, zip, workbook) as a horizon.",
    ),
    "remote run": Text(
        "求解一个街道、区或全市，跟踪到完成。第一次 Ctrl-C 请求停止并保留最好的结果，第二次离开。",
        "Plan a street, a district or the city, and follow it to its end. "
        "The first Ctrl-C asks it to stop and keep its best, the second leaves.",
    ),
    "remote outcomes": Text(
        "报告已发布入企的结果（csv、xlsx）：已完成、无人应门、被拒绝；要么全部保存，要么列出每一处错误。",
        "Say what became of published visits (csv, xlsx): done, nobody there, refused; all is stored, or nothing.",
    ),
    "remote replan": Text(
        "从某一天起重新编排现行排程：计入入企结果与其后的变化，尽量少动；结果为草稿。",
        "Plan what is in force anew from a date on, after what became of visits and what has changed since, "
        "moving little; the result is a draft.",
    ),
    "remote runs": Text("列出运行。", "List runs."),
    "remote watch": Text("跟踪一个运行直到完成。", "Follow a run to its end."),
    "remote stop": Text("请求停止运行，保留目前最好的结果。", "Ask a run to stop and keep its best so far."),
    "remote schedules": Text("列出排程。", "List schedules."),
    "remote download": Text(
        "下载排程文件夹；完整写入，或什么都不写。", "Download a schedule folder; it appears whole, or not at all."
    ),
    "remote publish": Text(
        "发布排程；若求解后数据已变化，则列出变化。", "Publish a schedule, or show what has changed since its run."
    ),
    "remote check": Text("用全部规则检查服务中的排程。", "Check a schedule of the service by every rule."),
    "remote missing": Text("显示尚未提交或未批准计划的部门。", "Show who has not submitted, or not approved, a plan."),
    "remote alerts": Text("显示过频提醒。", "Show reminders of too frequent inspections."),
    "demo": Text(
        "生成一个街道的 400 家企业，求解约半分钟，显示前后对比。",
        "Generate a street of 400 enterprises, solve it in about half a minute, show before and after.",
    ),
}

PARAMETERS: Mapping[str, Text] = {
    "day_date": Text("另一天，YYYY-MM-DD", "The other date, YYYY-MM-DD"),
    "crews_date": Text("检查日，YYYY-MM-DD", "Inspection date, YYYY-MM-DD"),
    "crews_street": Text("街道编号", "Id of the street"),
    "crews_shift": Text("班次", "Shift"),
    "crews_authority": Text("部门编号", "Id of the authority"),
    "item_id": Text("未办事项的编号", "Id of an unserved item"),
    "serve_iterations": Text("每次验证性搜索的迭代次数", "Iterations of each search that checks a claim"),
    "item_iterations": Text("每次验证性搜索的迭代次数", "Iterations of each search that checks a claim"),
    "move_date": Text("移到这一天，YYYY-MM-DD", "Date to move to, YYYY-MM-DD"),
    "shift": Text("移到这个班次", "Shift to move to"),
    "start": Text("入企的开始时间，HH:MM；默认为代价最小的时间", "Start of the visit, HH:MM; the cheapest by default"),
    "move_out": Text("把新排程写入这个文件夹", "Write the new schedule to this folder"),
    "slots_out": Text("把选定后的新排程写入这个文件夹", "Write the new schedule to this folder"),
    "visit": Text("入企编号，或只有一次入企的企业的编号", "Visit, or an enterprise that has one visit"),
    "count": Text("提供几个时段", "Slots to offer"),
    "today": Text(
        "今天，YYYY-MM-DD；只提供此后的时段，默认为计划期之前",
        "Today, YYYY-MM-DD; slots are after it, by default the whole horizon",
    ),
    "at_enterprise": Text("企业的编号", "Enterprise to inspect"),
    "deadline": Text(
        "最晚日期，默认为今天之后的下一个检查日", "Last date, by default the next inspection date after today"
    ),
    "item_crews": Text("需要的班组数", "Crews that must come together"),
    "item_name": Text("新事项的编号，默认自动编号", "Id of the new item, by default one that is free"),
    "now": Text("现在的时间 HH:MM", "The time now, HH:MM"),
    "urgent_out": Text(
        "输出文件夹，含新案例 case 与新排程 schedule", "Output folder with the new case and the new schedule"
    ),
    "by_authority": Text("检查部门的编号", "Authority that inspects"),
    "commitment": Text("抽取之前公布的承诺值", "Commitment as it was published before the draw"),
    "draw_folder": Text("抽取结果的文件夹", "Folder of a draw"),
    "draw_id": Text("本次抽取的编号，作为事项编号的开头", "Name of the draw; ids of the items begin with it"),
    "draw_out": Text("输出文件夹", "Output folder"),
    "duration_min": Text("每个对象的检查时长（分钟）", "Minutes on site at every target"),
    "earliest": Text("事项的最早日期，默认为计划期开始", "First date of the items, by default of the horizon"),
    "exclude_days": Text(
        "本部门在最早日期前后若干天内检查过或已排定的企业不抽取",
        "Enterprises that the authority visited, or will, within so many days of the first date are not drawn",
    ),
    "latest": Text("事项的最晚日期，默认为计划期结束", "Last date of the items, by default of the horizon"),
    "planned": Text("排程文件夹，用于剔除近期对象", "Schedule folder, for the exclusion of those visited lately"),
    "priority": Text("事项的优先级，默认最低", "Priority of the items, by default the lightest"),
    "public": Text(
        "承诺之后才出现的公开值（如彩票号码），与种子一起使用",
        "Public value that appears after the commitment (such as a lottery number), used with the seed",
    ),
    "purpose": Text("抽取的用途，与种子一起承诺", "What the draw is for; it is committed to with the seed"),
    "roster": Text("名册文件夹（officers.csv 等）", "Folder of the roster (officers.csv and others)"),
    "seed_file": Text("种子文件", "Seed file"),
    "seed_out": Text("种子文件", "Seed file"),
    "strata": Text("分层表 csv：credit_class, industry, ratio", "Table of strata, csv: credit_class, industry, ratio"),
    "events": Text("事件表，csv 或 xlsx（见 docs/replan.md）", "Table of events, csv or xlsx (docs/replan.md)"),
    "whatif_base": Text("基准案例：文件夹或 .xlsx 工作簿", "The base: a case folder or an .xlsx workbook"),
    "scenario_files": Text(
        "方案文件，TOML 或 JSON（见 docs/whatif.md）", "Files of scenarios, TOML or JSON (docs/whatif.md)"
    ),
    "report": Text("报告文件夹", "Folder of the report"),
    "library": Text("方案库中的方案名，可重复", "Name of a ready scenario; may be given several times"),
    "list_library": Text("列出方案库，并说明哪些适用于此案例", "List the ready scenarios, and which fit this case"),
    "repeat": Text(
        "按所存形式重新运行并核对结果，可重复", "Run a stored scenario again and compare; may be given several times"
    ),
    "whatif_iterations": Text(
        "基准首次搜索的迭代次数；其后每个方案再加一半",
        "Iterations of the base's first search; every scenario has half as many more behind it",
    ),
    "seeds": Text("重复运行的种子，逗号分隔", "Seeds of repeated runs, with commas between them"),
    "bounds": Text("是否证明下界", "Whether bounds are proven"),
    "warm": Text(
        "与基准相近的方案是否从基准排程继续搜索",
        "Whether scenarios near the base go on from its schedule",
    ),
    "plans": Text("同时写出每个方案的案例和排程", "Also write the case and the schedule of every scenario"),
    "base": Text("案例：文件夹或 .xlsx 工作簿", "The case: a folder or an .xlsx workbook"),
    **{
        f"{question}_iterations": Text("每次排程的迭代次数", "Iterations of each plan")
        for question in ("crews", "days", "quiet")
    },
    "scope": Text("安静期的范围", "Whom the quiet days cover"),
    "target": Text("范围中的街道、企业、行业或信用等级", "The street, enterprise, industry or credit class"),
    "exempt": Text("不受安静期限制的检查类型，可重复", "Trigger that is not stopped; may be given several times"),
    "item": Text("事项编号，可重复", "Id of an item; may be given several times"),
    "by": Text("周期：月、季度或半年", "Periods: months, quarters or half years"),
    "past_plan": Text("已执行的排程文件夹（滚动时）", "Schedule folder that was carried out, when rolling on"),
    "past_events": Text("其间发生的事件，csv 或 xlsx", "What happened meanwhile, csv or xlsx"),
    "roll_date": Text(
        "粗排的第一天，YYYY-MM-DD；此前的入企计为历史",
        "First date of the outline, YYYY-MM-DD; what was before is history",
    ),
    "share": Text("班组时间中可用于检查的比例", "Part of the crews' minutes that is work at enterprises"),
    "first_date": Text(
        "重新编排的第一天，YYYY-MM-DD；此前的入企计为历史",
        "First date that is planned, YYYY-MM-DD; what was before is history",
    ),
    "freeze_days": Text(
        "从今天起若干个检查日内已发布的入企保持不变",
        "Inspection dates from today on whose published visits stay as they are",
    ),
    "new_notice_days": Text(
        "从今天起若干个检查日内不新安排需事先告知的入企",
        "Inspection dates from today on that get no new announced visit",
    ),
    "notice_days": Text(
        "今天与事先告知的入企之间至少相隔的检查日数",
        "Inspection dates that lie at least between today and an announced visit",
    ),
    "choose": Text(
        "选定第几个时段；固定日期写入案例文件夹的 pins.csv",
        "Number of the slot to take; its pin goes into pins.csv of the case folder",
    ),
    "release_pin": Text(
        "放开固定该次入企的日期，改为固定在选定的时段",
        "Let go the pin that holds the visit; the chosen slot takes its place",
    ),
    "area_km2": Text("每个街道中企业分布的面积，平方公里", "Area over which a street's enterprises lie, km²"),
    "as_json": Text("在标准输出上给出一个 JSON 值", "Give one JSON value on standard output"),
    "authority": Text(
        "只看这些部门参加的（编号或名称的一部分，可重复）",
        "Only visits of this authority (id or part of its name; repeatable)",
    ),
    "before": Text(
        "同时计算各部门单独检查的对照；默认在事项不超过 5 万条时计算",
        "Also work out today's practice, each authority alone; by default up to 50,000 items",
    ),
    "case": Text("案例文件夹、工作簿，或一个案例的各个文件", "Case folder, workbook, or the files of one case"),
    "cluster": Text(
        "分区求解在哪里运行：threads（本进程的线程）、local（本机进程）或 Dask 调度器地址；默认按企业数选择",
        "Where parts are solved: threads of this process, local processes, or a Dask scheduler's address; "
        "by default what suits the number of enterprises",
    ),
    "crews": Text("班组紧张（scarce）或充裕（plenty）", "Crews scarce or plenty"),
    "data_dir": Text("数据文件夹（默认 onevisit-data）", "Data folder (onevisit-data by default)"),
    "database_url": Text(
        "数据库地址，如 postgresql://用户@主机/库；默认为数据文件夹中的 SQLite",
        "Address of the database, such as postgresql://user@host/name; SQLite in the data folder by default",
    ),
    "file": Text("备份文件", "Backup file"),
    "host": Text("监听的地址（默认 127.0.0.1）", "Address to listen at (127.0.0.1 by default)"),
    "processes": Text("应答请求的进程数", "Processes that answer requests"),
    "max_runs": Text("同时执行的运行数；0 为不执行", "Runs carried out at once; 0 for none"),
    "port": Text("端口（默认 8000；0 为任意空闲端口）", "Port (8000 by default; 0 for any free one)"),
    "date": Text("只看这一天，YYYY-MM-DD", "Only this date, YYYY-MM-DD"),
    "enterprise": Text(
        "只看这些企业（编号或名称的一部分，可重复）", "Only this enterprise (id or part of its name; repeatable)"
    ),
    "enterprises": Text("每个街道的企业数", "Enterprises in each street"),
    "enterprises_csv": Text("建筑表", "Table of buildings"),
    "formats": Text(
        "另外写出：xlsx、ics、pdf（逗号分隔），或 all、none；pdf 每个联合检查日约 0.2 秒",
        "Also write: xlsx, ics, pdf (comma-separated), or all, none; pdf takes about 0.2 s a joint inspection day",
    ),
    "items_csv": Text("检查事项表", "Table of inspections"),
    "iterations": Text(
        "每个线程的迭代次数；单独给出时没有时限，同一种子、同一线程数的结果完全相同",
        "Iterations of each worker; alone it lifts the time limit, and the same seed and workers repeat exactly",
    ),
    "lang": Text(
        "消息的语言：zh 或 en；默认按系统区域设置", "Language of messages: zh or en; by default that of the locale"
    ),
    "max_days": Text(
        "每个街道每月至多几个联合检查日；0 为不限", "Joint inspection days of a street in a month; 0 for no limit"
    ),
    "max_visits": Text("每个街道每班次至多几次入企；0 为不限", "Visits of a street shift; 0 for no limit"),
    "num_authorities": Text("部门总数", "Authorities altogether"),
    "out": Text("输出文件夹", "Output folder"),
    "places": Text("街道或区的名称或代码（可重复）", "Name or code of a street or district (repeatable)"),
    "quarter": Text("季度，1 至 4", "Quarter, 1 to 4"),
    "schedule": Text("排程文件夹", "Schedule folder"),
    "seed": Text("随机种子", "Start of every random choice"),
    "show_case": Text("案例，用于显示名称", "Case to take names from"),
    "start_together": Text("各部门同时开始", "All crews of a visit start together"),
    "street": Text(
        "只看这些街道（编号或名称的一部分，可重复）", "Only this street (id or part of its name; repeatable)"
    ),
    "stretch_min": Text("一次入企可比最长的部分多几分钟", "Minutes a visit may last longer than its longest part"),
    "time_limit": Text(
        "搜索的秒数（默认 60；对照另需一半时间）",
        "Seconds of search (60 by default; before and after takes half as long again)",
    ),
    "demo_time_limit": Text(
        "搜索的秒数（对照另需一半时间）", "Seconds of search (before and after takes half as long again)"
    ),
    "timezone": Text("日历的时区", "Time zone of calendars"),
    "total_enterprises": Text(
        "企业总数，按社区数分到各街道", "Enterprises altogether, shared over the streets by their communities"
    ),
    "runs": Text("模拟次数", "Runs"),
    "against": Text(
        "同一案例的另一排程文件夹，与第一个比较（可重复）",
        "Another schedule folder of the case, to compare with the first (repeatable)",
    ),
    "durations": Text(
        "各方检查时长的系数，如 uniform:0.85:1.25、triangular:0.8:1:1.5、lognormal:0.2、fixed:1",
        "Factor of each part's minutes: uniform:0.85:1.25, triangular:0.8:1:1.5, lognormal:0.2 or fixed:1",
    ),
    "travel": Text("每段路途的系数，写法相同", "Factor of each leg's minutes, written alike"),
    "day_durations": Text("当日全部检查共同的系数（相关的延误）", "Factor common to all parts of a date"),
    "day_travel": Text(
        "当日全部路途共同的系数（天气、交通）", "Factor common to all legs of a date (weather, traffic)"
    ),
    "enterprise_late_chance": Text("企业未按时准备好的概率", "Chance that an enterprise is ready late"),
    "enterprise_late_min": Text("企业晚多少分钟", "Minutes by which it is late"),
    "no_show_chance": Text("无人接待的概率", "Chance that nobody opens"),
    "no_show_wait_min": Text("无人接待时班组等候的分钟数", "Minutes that crews wait where nobody opens"),
    "departure": Text(
        "出发：按排程（planned）或刚好赶上第一处（latest）",
        "Leave the office as planned, or just in time for the first part (latest)",
    ),
    "on_time_min": Text("晚开始至多几分钟算准时", "Minutes up to which a start is on time"),
    "ugly": Text("加上频次上限、安静期、营业时间等复杂条件", "With caps, quiet periods, hours and further conditions"),
    "approve": Text("导入的计划立即视为已批准", "Approve the imported plans at once"),
    "area": Text("街道或区的编号；全市不填", "Id of the street or district; none for the city"),
    "authority_id": Text("只看该部门（编号）", "Only this authority (id)"),
    "submit_authority_id": Text(
        "提交计划的部门；默认为密钥所属部门",
        "Authority that submits; that of the key by default",
    ),
    "code": Text(
        "区分同一部门在一个计划期内的多份计划（默认 main）",
        "Tells plans of one authority in a horizon apart (main by default)",
    ),
    "from_date": Text(
        "重新编排的第一天，YYYY-MM-DD，默认今天；此前的入企计为历史",
        "First date that is planned, YYYY-MM-DD, today by default; what was before is history",
    ),
    "outcomes_file": Text(
        "入企结果表，csv 或 xlsx：visit_id, date, outcome, minutes, left_items",
        "Table of outcomes, csv or xlsx: visit_id, date, outcome, minutes, left_items",
    ),
    "detach": Text("只排队，不等待", "Queue it and do not wait"),
    "enterprise_id": Text("只看该企业（编号）", "Only this enterprise (id)"),
    "submit_file": Text("计划文件：csv、xlsx 或 json", "Plan: csv, xlsx or json"),
    "import_file": Text(
        "案例文件夹、zip、xlsx，或一个登记表的 csv、xlsx",
        "Case folder, zip, xlsx; or the csv, xlsx of a register",
    ),
    "horizon_id": Text("计划期编号，如 2026Q4", "Id of the horizon, such as 2026Q4"),
    "key_file": Text(
        "保存 API 密钥的文件；默认取环境变量 ONEVISIT_KEY",
        "File that holds the API key; ONEVISIT_KEY by default",
    ),
    "level": Text("街道、区或全市", "Street, district or city"),
    "number": Text("批准文号", "Number of the approval"),
    "plan_id": Text("计划编号", "Id of the plan"),
    "reason": Text("撤回的原因", "Why it is withdrawn"),
    "run_id": Text("运行编号", "Id of the run"),
    "schedule_id": Text("排程编号", "Id of the schedule"),
    "server": Text(
        "服务地址；默认取 ONEVISIT_SERVER，否则为本机 8000 端口",
        "Address of the service; ONEVISIT_SERVER by default, else port 8000 of this machine",
    ),
    "state": Text("只看该状态的", "Only those in this state"),
    "street_id": Text("街道编号", "Id of the street"),
    "table": Text("登记表；不填则导入整个案例", "Register; without it a whole case"),
    "run_time_limit": Text("搜索的秒数（默认 60）", "Seconds of search (60 by default)"),
    "version": Text("显示版本", "Show the version and exit"),
    "workers": Text("线程数", "Threads"),
    "year": Text("年份", "Year"),
}
"""By the name of the parameter; one command's own meaning as ``COMMAND_PARAMETER``."""
