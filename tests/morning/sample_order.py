"""A hand-made order of the day, as full as a bad morning: 40 units, 14 figures, 12 decisions.

Names and codes are real, every number is invented here; nothing of it is data.
"""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import shapely

from tongchou.morning.documents.tier_map import Shapes
from tongchou.morning.order import (
    Ahead,
    Annex,
    Curve,
    Decision,
    Evidence,
    Figure,
    Gap,
    Head,
    Heading,
    Option,
    Order,
    Question,
    SignOff,
    Table,
    TierBoard,
    TierRow,
    Yesterday,
)
from tongchou.vocabulary.text import Text, count, day, same
from tongchou.vocabulary.topology import encode, encode_outline

CUT = date(2020, 2, 22)

NAMES = """420102 江岸区 Jiang'an|420103 江汉区 Jianghan|420104 硚口区 Qiaokou|420105 汉阳区 Hanyang
420106 武昌区 Wuchang|420107 青山区 Qingshan|420111 洪山区 Hongshan|420112 东西湖区 Dongxihu
420113 汉南区 Hannan|420114 蔡甸区 Caidian|420115 江夏区 Jiangxia|420116 黄陂区 Huangpi
420117 新洲区 Xinzhou|420202 黄石港区 Huangshigang|420203 西塞山区 Xisaishan|420204 下陆区 Xialu
420205 铁山区 Tieshan|420222 阳新县 Yangxin|420281 大冶市 Daye|420302 茅箭区 Maojian
420303 张湾区 Zhangwan|420304 郧阳区 Yunyang|420322 郧西县 Yunxi|420323 竹山县 Zhushan
420324 竹溪县 Zhuxi|420325 房县 Fangxian|420381 丹江口市 Danjiangkou|420502 西陵区 Xiling
420503 伍家岗区 Wujiagang|420504 点军区 Dianjun|420505 猇亭区 Xiaoting|420506 夷陵区 Yiling
420525 远安县 Yuan'an|420526 兴山县 Xingshan|420527 秭归县 Zigui|420528 长阳县 Changyang
420529 五峰县 Wufeng|420581 宜都市 Yidu|420582 当阳市 Dangyang|420583 枝江市 Zhijiang"""

UNITS: list[tuple[str, Text]] = [
    (part.split()[0], Text(zh=part.split()[1], en=part.split()[2]))
    for line in NAMES.splitlines()
    for part in line.split("|")
]


def evidence(name: str, title: Text, rows: pl.DataFrame, total: int | None = None) -> Evidence:
    return Evidence(
        id=name,
        title=title,
        method="indicators",
        formula=Text(
            zh="admission_rate = 24小时内入院人数 ÷ 确诊人数",
            en="admission_rate = admitted within 24 h ÷ confirmed",
        ),
        rows=rows,
        total_rows=rows.height if total is None else total,
        parameters=(
            (Text(zh="时间窗", en="window"), Text(zh="14 天", en="14 days"), same("Xinhua 2020")),
        ),
        notes=(Text(zh="数字为演练所设。", en="Figures set for the exercise."),),
    )


def daily_rows() -> pl.DataFrame:
    dates = [CUT - timedelta(days=i) for i in range(60)]
    return pl.DataFrame(
        {
            "place": [UNITS[i % 40][0] for i in range(60)],
            "date": dates,
            "confirmed": list(range(60)),
            "source_row": list(range(101, 161)),
        }
    )


def figures() -> tuple[Figure, ...]:
    trend = tuple(float(900 - 20 * i + 40 * (i % 3)) for i in range(28))
    holes = tuple(None if i in (5, 6, 7) else v for i, v in enumerate(trend))
    made: list[tuple[str, str, str, str, str, str, str, str | None, str | None, str, str, str]] = [
        ("new", "新增确诊（报告）", "New confirmed (reported)", "人", "persons", "366", "up", None, None, "−31", "−812", "down"),
        ("nowcast", "新增确诊（现时估计）", "New confirmed (nowcast)", "人", "persons", "451", "", "402", "518", "−22", "−790", "down"),
        ("rt", "有效再生数 R", "Effective reproduction number R", "比值", "ratio", "0.62", "", "0.55", "0.70", "−0.03", "−0.21", "down"),
        ("admission", "收治率", "Admission rate", "占确诊", "of confirmed", "97.8%", "", "97.1%", "98.4%", "+0.4", "+6.1", "up"),
        ("recovery", "治愈率", "Recovery rate", "占确诊", "of confirmed", "24.1%", "", None, None, "+2.6", "+13.2", "up"),
        ("infection", "感染率", "Infection rate", "每10万人", "per 100,000", "108", "", "96.4", "121", "+0.6", "+7.9", "down"),
        ("fatality", "病亡率（校正延迟）", "Case fatality (delay-adjusted)", "占确诊", "of confirmed", "4.6%", "", "3.9%", "5.5%", "−0.1", "−0.6", "down"),
        ("isolation50", "发病至隔离中位数", "Onset to isolation, median", "日", "days", "3.0", "", "2.5", "3.5", "±0", "−1.5", "down"),
        ("isolation90", "发病至隔离第90百分位", "Onset to isolation, 90th percentile", "日", "days", "7.8", "", "6.9", "9.0", "−0.2", "−2.4", "down"),
        ("inside", "隔离中发现占比", "Found inside quarantine", "占新增", "of new cases", "71.2%", "", "66.0%", "76.1%", "+1.9", "+18.4", "up"),
        ("beds", "空床（定点／方舱／重症）", "Beds free (hospital / Fangcang / ICU)", "张", "beds", "1,204", "", None, None, "+310", "+2,120", "up"),
        ("supply", "第10百分位医院可用天数", "Days of supply, 10th-percentile hospital", "日", "days", "2.4", "", "1.8", "3.1", "−0.3", "+0.9", "up"),
        ("work", "复工率（按员工／按产业链）", "Work back (by staff / by chain)", "占基期", "of baseline", "38.0%", "", "35.2%", "41.0%", "+1.1", "+8.8", "up"),
    ]  # fmt: skip
    built = [
        Figure(
            id=key,
            label=Text(zh=zh, en=en),
            unit=Text(zh=uz, en=ue),
            value=float(shown.replace(",", "").rstrip("%")),
            shown=shown,
            low=low,
            high=high,
            day_change=d1,
            week_change=d7,
            trend=holes
            if key == "nowcast"
            else trend
            if better == "down"
            else tuple(-v for v in trend),
            better="up" if better == "up" else "down",
            flags=("synthetic",),
            evidence=evidence(key, Text(zh=zh, en=en), daily_rows(), 2400),
        )
        for key, zh, en, uz, ue, shown, _, low, high, d1, d7, better in made
    ]
    built[0] = replace(built[0], was="359", flags=("synthetic", "revised"))
    built[6] = replace(
        built[6],
        small=Text(
            zh="死亡÷确诊 2.9%；死亡÷出院加死亡 10.7%",
            en="deaths ÷ confirmed 2.9%; deaths ÷ closed 10.7%",
        ),
        flags=("synthetic", "assumed"),
    )
    built[10] = replace(
        built[10],
        small=Text(zh="定点 412／方舱 746／重症 46", en="hospital 412 / Fangcang 746 / ICU 46"),
    )
    missing = Figure(
        id="forms",
        label=Text(zh="网格员填表时间", en="Forms, minutes per grid worker"),
        unit=Text(zh="分钟／日", en="minutes a day"),
        value=None,
        shown="–",
        missing=Text(zh="无数据：表 visits", en="no data: table visits"),
    )
    return (*built, missing)


def tiers(units: list[tuple[str, Text]] = UNITS, seed: int = 7) -> TierBoard:
    rng = np.random.default_rng(seed)
    rows = []
    for i, (code, name) in enumerate(units):
        confirmed = int(
            rng.choice([0, 2, 3, 11, 48, 130, 900], p=[0.1, 0.15, 0.1, 0.25, 0.2, 0.1, 0.1])
        )
        new = 0 if confirmed == 0 or i % 3 == 0 else int(rng.integers(0, max(2, confirmed // 4)))
        tier = "low" if new == 0 else "high" if confirmed > 50 else "medium"
        before = "medium" if i % 9 == 0 else "low" if i % 13 == 1 else tier
        rows.append(
            TierRow(
                place=code,
                name=name,
                path=f"100000/420000/{code[:4]}00/{code}",
                tier=tier,  # type: ignore[arg-type]
                before=before,  # type: ignore[arg-type]
                reason=Text(
                    zh=f"14天内新增{new}例，累计{confirmed}例。",
                    en=f"{new} new within 14 days; {confirmed} cumulative.",
                ),
                change_possible=Text(zh="再清洁5天可降级", en="low after 5 more clean days"),
                population=200_000 + 10_000 * i,
                confirmed=confirmed,
                new_14=new,
                days_since_last=None if confirmed == 0 else int(rng.integers(0, 20)),
                resurgence=(0.04, 0.08, 0.15) if tier == "low" else None,
            )
        )
    order = {"low": 0, "medium": 1, "high": 2}
    return TierBoard(
        unit_level=Text(zh="区县", en="county"),
        coarse=Text(
            zh="规则以县为单位，其中3个报告单位只有全市数据：其等级是全市合计的等级，县级可能更低。",
            en="The rule asks for counties; 3 units report for a whole city: theirs is the tier of the city, and a county in it may be lower.",
        ),
        rows=tuple(rows),
        counts={t: sum(r.tier == t for r in rows) for t in order},
        population={t: sum(r.population or 0 for r in rows if r.tier == t) for t in order},
        moved_up=tuple(r.place for r in rows if order[r.tier] > order[r.before or r.tier]),
        moved_down=tuple(r.place for r in rows if order[r.tier] < order[r.before or r.tier]),
        evidence=evidence("tiers", Text(zh="风险等级", en="Tiers"), daily_rows()),
    )


def curve() -> Curve:
    days = np.arange(56)
    level = 1500 * np.exp(-(((days - 30) / 13.0) ** 2)) + 20
    reported = np.where(days > 50, level * (1 - 0.08 * (days - 50)), level)
    dates = [CUT - timedelta(days=int(55 - i)) for i in days]
    ahead = np.arange(1, 15)
    middle = level[-1] * np.exp(-0.06 * ahead)
    return Curve(
        history=pl.DataFrame({"date": dates, "reported": np.round(reported), "adjusted": level}),
        fan=pl.DataFrame(
            {
                "date": [CUT + timedelta(days=int(i)) for i in ahead],
                "q025": middle * np.exp(-0.10 * ahead),
                "q25": middle * np.exp(-0.03 * ahead),
                "median": middle,
                "q75": middle * np.exp(0.03 * ahead),
                "q975": middle * np.exp(0.09 * ahead),
            }
        ),
        yesterday=pl.DataFrame(
            {
                "date": [CUT + timedelta(days=int(i)) for i in range(-6, 14)],
                "median": [float(level[-1]) * 1.1 * 0.95**i for i in range(20)],
            }
        ),
        sentence=Text(
            zh="报告新增连续9日下降；今后14日中位预测共2,480人，95%区间1,150至4,320人。",
            en="Reported cases have fallen for 9 days; 2,480 expected in the next 14 days (95% 1,150 to 4,320).",
        ),
        evidence=evidence(
            "curve", Text(zh="疫情曲线与预测", en="Curve and forecast"), daily_rows()
        ),
    )


def gaps() -> tuple[Gap, ...]:
    labels = [
        ("not_admitted", "确诊未收治", "Confirmed not admitted"),
        ("not_tested", "疑似未检测", "Suspected not tested"),
        ("not_placed", "密切接触者未隔离", "Contacts not placed"),
        ("not_watched", "来自高风险地区未跟踪", "Arrivals not watched"),
        ("silent", "未报送单位", "Silent units"),
        ("wards", "防护低于底线的病区", "Wards below protective floor"),
        ("measures", "到期或无依据的措施", "Measures expired or without basis"),
        ("unpaid", "应付未付的补助", "Entitlements unpaid"),
        ("roads", "不通的道路", "Roads blocked"),
        ("chains", "断点产业链", "Chains blocked"),
    ]
    made = []
    for i, (key, zh, en) in enumerate(labels):
        worst = tuple((UNITS[(i * 3 + j) % 40][1], 60 - 11 * i - 7 * j) for j in range(3))
        made.append(
            Gap(
                id=key,
                label=Text(zh=zh, en=en),
                count=max(0, 164 - 17 * i),
                worst=tuple((n, max(c, 1)) for n, c in worst),
                oldest=Text(zh=f"{31 + 5 * i}小时", en=f"{31 + 5 * i} hours"),
                evidence=evidence(f"gap-{key}", Text(zh=zh, en=en), daily_rows()),
            )
        )
    made[8] = replace(
        made[8],
        count=None,
        worst=(),
        oldest=None,
        evidence=None,
        missing=Text(zh="无数据：表 mobility", en="no data: table mobility"),
    )
    return tuple(made)


def decisions(number: int = 12) -> tuple[Decision, ...]:
    what = [
        (
            "今日18时前将{p}46名在家确诊患者全部转入定点医院。",
            "Admit all 46 confirmed patients waiting at home in {p} by 18:00 today.",
        ),
        ("向{p}第三医院调拨防护服2,400套。", "Send 2,400 protective suits to {p} Third Hospital."),
        ("批准{p}由中风险调整为低风险。", "Lower {p} from medium to low risk."),
        ("取消{p}县界公路检查站3处。", "Lift 3 road posts on the border of {p}."),
    ]
    made = []
    for i in range(number):
        zh, en = what[i % 4]
        code, name = UNITS[(5 * i + 3) % 40]
        made.append(
            Decision(
                id=f"d{i + 1:02d}",
                sentence=Text(zh=zh.format(p=name.zh), en=en.format(p=name.en)),
                where=Text(zh=f"湖北省 · {name.zh}", en=f"Hubei, {name.en}"),
                places=(code,),
                mechanisms=("M045", "M016"),
                options=(
                    Option(
                        name=Text(
                            zh="救护车12辆分两批转运", en="Move in two waves with 12 ambulances"
                        ),
                        recommended=True,
                        effect=Text(
                            zh="少感染31人（18—47），少死亡1.2人（0.5—2.4），占用床日410",
                            en="31 fewer infections (18–47), 1.2 fewer deaths (0.5–2.4), 410 bed-days",
                        ),
                        cost=Text(zh="12车次、36人班", en="12 vehicle trips, 36 shifts"),
                        burden=Text(
                            zh="46人离家约14日", en="46 people away from home for about 14 days"
                        ),
                    ),
                    Option(
                        name=Text(
                            zh="分三日转运，先送重症", en="Move over three days, severe cases first"
                        ),
                        recommended=False,
                        effect=Text(
                            zh="少感染19人（9—33），少死亡0.9人（0.3—1.9）",
                            en="19 fewer infections (9–33), 0.9 fewer deaths (0.3–1.9)",
                        ),
                        cost=Text(zh="5车次、15人班", en="5 vehicle trips, 15 shifts"),
                        burden=Text(zh="28人另等48小时", en="28 people wait 48 hours more"),
                    ),
                    Option(
                        name=Text(zh="不作为", en="Do nothing"),
                        recommended=False,
                        effect=Text(
                            zh="每日多感染14人（8—21）", en="14 more infections a day (8–21)"
                        ),
                        cost=Text(zh="无", en="none"),
                        burden=Text(zh="46人在家无医疗照护", en="46 people at home without care"),
                    ),
                ),
                harm_per_day=31.4 - 2.3 * i,
                legal_basis=Text(
                    zh="传染病防治法第三十九条", en="Infectious Diseases Law, art. 39"
                ),
                start=CUT + timedelta(days=1),
                expiry=CUT + timedelta(days=15),
                owner=Text(zh=f"{name.zh}卫生健康局", en=f"{name.en} health bureau"),
                due=Text(zh="2月23日18时", en="23 Feb, 18:00"),
                would_change=Text(
                    zh="定点医院空床少于60张，或转运途中加重超过3人",
                    en="fewer than 60 free hospital beds, or more than 3 patients worsen on the way",
                ),
                takes_freedom=i % 4 == 0,
                evidence=evidence(
                    f"decision-d{i + 1:02d}",
                    Text(zh=f"决定事项{i + 1}", en=f"Decision {i + 1}"),
                    daily_rows(),
                ),
            )
        )
    return tuple(made)


def ahead(number: int = 14) -> tuple[Ahead, ...]:
    kinds = ("beds", "stock", "tier", "imports", "restart", "deadline", "level")
    texts = [
        Text(zh="重症床位用尽", en="ICU beds run out"),
        Text(zh="N95口罩用尽", en="N95 masks run out"),
        Text(zh="可降为低风险", en="may move down to low"),
        Text(zh="预计输入3人（1—6）", en="3 imported cases expected (1–6)"),
        Text(zh="汽车零部件12户到期复工", en="12 car-part firms due to restart"),
        Text(zh="春耕肥料须到位", en="fertiliser must be in place for sowing"),
        Text(zh="一级响应复核", en="level I response due for review"),
    ]
    return tuple(
        Ahead(
            kind=kinds[i % 7],  # type: ignore[arg-type]
            on=CUT + timedelta(days=1 + i % 14),
            until=None,
            where=UNITS[(3 * i) % 40][1],
            text=texts[i % 7],
            probability=0.62 if i % 7 in (0, 2) else None,
        )
        for i in range(number)
    )


def annexes(board: TierBoard) -> tuple[Annex, ...]:
    places = Table(
        id="places",
        title=Text(zh="各地情况", en="Places"),
        headings=(
            Heading(key="code", label=Text(zh="代码", en="Code"), kind="code"),
            Heading(key="name", label=Text(zh="地区", en="Place")),
            Heading(key="tier", label=Text(zh="等级", en="Tier")),
            Heading(
                key="confirmed",
                label=Text(zh="累计确诊", en="Confirmed"),
                kind="count",
                unit=Text(zh="人", en="persons"),
            ),
            Heading(
                key="new_14",
                label=Text(zh="近14日新增", en="New in 14 days"),
                kind="count",
                unit=Text(zh="人", en="persons"),
            ),
            Heading(key="rt", label=same("R"), kind="estimate"),
            Heading(key="inside", label=Text(zh="隔离中发现", en="Found inside"), kind="share"),
            Heading(
                key="population",
                label=Text(zh="人口", en="Population"),
                kind="count",
                unit=Text(zh="人", en="persons"),
            ),
            Heading(key="since", label=Text(zh="末例日期", en="Last case"), kind="date"),
            Heading(key="reason", label=Text(zh="理由", en="Reason")),
        ),
        rows=tuple(
            {
                "code": r.place,
                "name": r.name,
                "tier": {
                    "low": Text(zh="低", en="low"),
                    "medium": Text(zh="中", en="medium"),
                    "high": Text(zh="高", en="high"),
                }[r.tier],
                "confirmed": r.confirmed,
                "new_14": r.new_14,
                "rt": 0.4 + 0.01 * r.new_14 if r.new_14 else float("nan"),
                "inside": 0.55 if r.new_14 else None,
                "population": r.population,
                "since": CUT - timedelta(days=r.days_since_last)
                if r.days_since_last is not None
                else None,
                "reason": r.reason,
            }
            for r in board.rows
        ),
        note=Text(zh="人口为普查数。", en="Population from the census."),
    )
    titles = {
        "B": ("预测", "Forecasts"), "C": ("患者与床位", "Patients and beds"), "D": ("队伍与排班", "Teams and rosters"),
        "E": ("物资与生产", "Supplies and production"), "F": ("现行措施、依据与期限", "Measures in force, basis and expiry"),
        "G": ("复工与产业链", "Reopening and chains"), "H": ("民生", "Livelihood"), "I": ("数据质量", "Data quality"),
        "J": ("方法、参数、来源", "Methods, parameters, sources"), "K": ("机制与责任", "Mechanisms and owners"),
    }  # fmt: skip
    other = [
        Annex(
            letter=letter,
            title=Text(zh=zh, en=en),
            tables=(
                Table(
                    id=f"t-{letter.lower()}",
                    title=Text(zh=f"{zh}一览", en=f"{en}: list"),
                    headings=(
                        Heading(key="place", label=Text(zh="地区", en="Place")),
                        Heading(
                            key="n",
                            label=Text(zh="数量", en="Number"),
                            kind="count",
                            unit=Text(zh="件", en="items"),
                        ),
                    ),
                    rows=()
                    if letter == "H"
                    else tuple({"place": UNITS[i][1], "n": (37 * (i + 2)) % 101} for i in range(8)),
                    missing=Text(zh="无数据：表 households", en="no data: table households")
                    if letter == "H"
                    else None,
                ),
            ),
        )
        for letter, (zh, en) in titles.items()
    ]
    wide = Table(
        id="forecast-wide",
        title=Text(zh="逐日预测", en="Forecast by day"),
        headings=(
            Heading(key="place", label=Text(zh="地区", en="Place")),
            *(
                Heading(
                    key=f"d{i}",
                    label=Text(zh=f"2月{22 + i}日", en=f"{22 + i} February"),
                    kind="estimate",
                    unit=Text(zh="人", en="persons"),
                )
                for i in range(1, 8)
            ),
            *(
                Heading(
                    key=f"q{i}",
                    label=Text(zh=f"第{i}个分位数", en=f"Quantile number {i}"),
                    kind="count",
                )
                for i in range(1, 10)
            ),
        ),
        rows=tuple(
            {
                "place": name,
                **{f"d{i}": 1234.5 / i for i in range(1, 8)},
                **{f"q{i}": 1_234_567 * i for i in range(1, 10)},
            }
            for _, name in UNITS[:6]
        ),
    )
    other[0] = Annex(letter="B", title=other[0].title, tables=(*other[0].tables, wide))
    return (Annex(letter="A", title=Text(zh="各地", en="Places"), tables=(places,)), *other)


def sample_order(*, decision_count: int = 12) -> Order:
    """Give the fullest order the two pages must hold."""
    board, strip, now = tiers(), figures(), gaps()
    todo, line = decisions(decision_count), curve()
    orders = evidence("yesterday", Text(zh="昨日", en="Yesterday"), daily_rows())
    whole = [f.evidence for f in strip] + [g.evidence for g in now] + [d.evidence for d in todo]
    known = {e.id: e for e in [*whole, board.evidence, line.evidence, orders] if e is not None}
    return Order(
        head=Head(
            place="420000",
            name=Text(zh="湖北省", en="Hubei"),
            path=(Text(zh="中国", en="China"), Text(zh="湖北省", en="Hubei")),
            period=Text(
                zh="2020年2月23日6时30分至2月24日6时30分",
                en="23 February 2020, 06:30 to 24 February, 06:30",
            ),
            edition=Text(zh="第32期", en="No. 32"),
            level=Text(zh="一级响应", en="Level I response"),
            level_basis=Text(
                zh="省政府2020年1月24日决定", en="provincial decision of 24 January 2020"
            ),
            level_review=day(date(2020, 2, 28)),
            cut=CUT,
            reported_units=37,
            expected_units=40,
            flags=("synthetic", "partial"),
            notices=(
                Text(
                    zh="3个区县未报送，其数字按前一日列出。",
                    en="3 counties did not report; their figures are those of the day before.",
                ),
            ),
        ),
        headline=(
            Text(
                zh="报告新增366人，较昨日少31人，为连续第9日下降；R为0.62（0.55—0.70）。",
                en="366 new cases were reported, 31 fewer than yesterday, the 9th fall in a row; R is 0.62 (0.55–0.70).",
            ),
            Text(
                zh="江岸、江汉两区有164名确诊患者在家等床，最久一名已等31小时，而全省空床1,204张。",
                en="164 confirmed patients wait at home, most in Jiang'an and Jianghan, the longest for 31 hours, while 1,204 beds stand free.",
            ),
            Text(
                zh="须定12项，最急一项为今日18时前全部收治在家患者，每迟一日约多感染31人。",
                en="12 decisions are due; the first, to admit everyone waiting at home by 18:00, costs about 31 infections for each day of delay.",
            ),
        ),
        figures=strip,
        tiers=board,
        curve=line,
        gaps=now,
        decisions=todo,
        ahead=ahead(),
        yesterday=Yesterday(
            orders=Text(
                zh="下达部署11项：完成8项，逾期2项（缺车辆），不予1项（法据不足）。",
                en="11 orders: 8 done, 2 late (no vehicles), 1 refused (no legal basis).",
            ),
            scores=pl.DataFrame(
                {"horizon_days": [1, 7], "crps": [22.4, 81.0], "persistence": [40.1, 166.0]}
            ),
            score_sentence=Text(
                zh="7日预测误差为持续法的49%（误差81，持续法166）。",
                en="The 7-day forecast erred 49% as much as persistence (81 against 166).",
            ),
            corrections=(
                Text(
                    zh="2月20日新增由349人更正为359人：一家医院补报10人。",
                    en="New cases of 20 February corrected from 349 to 359: a hospital added 10.",
                ),
            ),
            evidence=orders,
        ),
        signoff=SignOff(
            digest="5f1c2b7d9e0a44c38d61f0a2b3c4d5e6",
            inputs={"case_counts.csv": "sha256:ab12", "facilities.csv": "sha256:cd34"},
            version="0.1.0",
            seed=20200222,
            pack="exercise",
            parameters=(
                (Text(zh="序列间隔均值", en="serial interval"), same("7.5"), same("Li 2020")),
            ),
            handover=(
                Text(
                    zh="夜班已电话核实3个未报送区县，两个系统故障。",
                    en="Night shift phoned the 3 silent counties; two have system faults.",
                ),
                Text(zh="方舱二号6时起收人。", en="Fangcang No. 2 admits from 06:00."),
            ),
        ),
        annexes=annexes(board),
        corrections=(
            Text(
                zh="2月20日新增由349人更正为359人：一家医院补报10人。",
                en="New cases of 20 February corrected from 349 to 359: a hospital added 10.",
            ),
            Text(
                zh="2月21日报告新增由359人更正为366人。",
                en="Reported cases of 21 February corrected from 359 to 366.",
            ),
        ),
        evidence=known,
        questions=(
            Question(
                question=Text(zh="孩子什么时候开学？", en="When does school start?"),
                answer=Text(
                    zh=f"还没有定。定下后提前一周公布；目前{count(40)}个区县都未开学。",
                    en="Not decided yet. It will be announced a week ahead; no school is open in any of the 40 counties.",
                ),
            ),
        ),
    )


def sample_shapes(units: list[tuple[str, Text]] = UNITS) -> Shapes:
    """Give a plane geography of squares, eight to a row."""

    def square(i: int) -> shapely.Polygon:
        x, y = 10.0 * (i % 8), -10.0 * (i // 8)
        return shapely.box(x, y, x + 10, y + 10)

    areas = {code: square(i) for i, (code, _) in enumerate(units)}
    whole = {"420000": shapely.union_all(list(areas.values()))}
    return Shapes(
        units=encode(areas),
        outline=encode_outline(whole),
        inset_units=encode({}),
        inset_outline=encode_outline({}),
    )
