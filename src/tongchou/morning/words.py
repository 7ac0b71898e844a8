"""The words of the documents: every label a reader sees, original in Chinese and English.

One row a word, so that a translator reads one file. Sentences with numbers have named
placeholders and are filled by :meth:`tongchou.vocabulary.text.Text.fill`.
"""

from collections.abc import Mapping

from tongchou.vocabulary.text import Lang, Text

TIER_NAMES: Mapping[str, Text] = {
    "low": Text(zh="低风险", en="low"),
    "medium": Text(zh="中风险", en="medium"),
    "high": Text(zh="高风险", en="high"),
}
TIER_LETTERS: Mapping[str, Text] = {
    "low": Text(zh="低", en="L"),
    "medium": Text(zh="中", en="M"),
    "high": Text(zh="高", en="H"),
}
"""A tier is never told by colour alone: the letter goes with it, and the hatch on the map."""

AHEAD_KINDS: Mapping[str, Text] = {
    "beds": Text(zh="床位", en="beds"),
    "stock": Text(zh="物资", en="stock"),
    "tier": Text(zh="风险等级", en="tier"),
    "imports": Text(zh="输入", en="imports"),
    "restart": Text(zh="复工", en="restart"),
    "deadline": Text(zh="时限", en="deadline"),
    "level": Text(zh="响应级别", en="level"),
}

SERIES: Mapping[str, Text] = {
    "province": Text(zh="省级序列", en="province series"),
    "prefectures": Text(zh="市级合计", en="sum of prefectures"),
}
"""The series that a checked total of a pack speaks of, in words."""

_W = Text

WORDS: Mapping[str, Text] = {
    # the head
    "order": _W(zh="每日工作部署", en="Order of the day"),
    "exercise": _W(zh="演练", en="EXERCISE"),
    "exercise_banner": _W(
        zh="演练 · 本件数字由合成数据产生，不得作为真实疫情使用",
        en="EXERCISE · figures made from synthetic data, not a real epidemic",
    ),
    "edition": _W(zh="版次", en="Edition"),
    "level": _W(zh="响应级别", en="Response level"),
    "level_basis": _W(zh="依据", en="Basis"),
    "level_review": _W(zh="复核", en="Review"),
    "cut": _W(zh="数据截至", en="Data up to"),
    "cut_at": _W(zh="{day} 24时", en="{day}, 24:00"),
    "reported": _W(zh="报送单位", en="Units reporting"),
    "reported_of": _W(zh="{n}／{of}（{share}）", en="{n} of {of} ({share})"),
    "flags": _W(zh="数据标记", en="Data flags"),
    "no_flags": _W(zh="无", en="none"),
    "proposal": _W(
        zh="本件为建议稿，经负责人签字后生效。",
        en="A proposal: it takes effect when a person signs it.",
    ),
    # page one
    "page_one": _W(zh="一、当前形势", en="One. Where we stand"),
    "page_one_short": _W(zh="当前形势", en="Where we stand"),
    "changed": _W(zh="变化", en="Changed"),
    "matters": _W(zh="要害", en="Matters most"),
    "today": _W(zh="今日须定", en="Decide today"),
    "figures": _W(zh="主要指标", en="Figures"),
    "figures_caption": _W(
        zh="主要指标：数值、区间、较昨日与较七日前的变化、近28日走势；点按数字可见公式与原始行",
        en="Figures with range, change against yesterday and seven days ago, and the last 28 days; each number leads to its formula and rows",
    ),
    "figure": _W(zh="指标", en="Figure"),
    "value": _W(zh="数值", en="Value"),
    "range": _W(zh="区间", en="Range"),
    "vs_day": _W(zh="较昨日", en="vs yesterday"),
    "vs_week": _W(zh="较七日前", en="vs 7 days ago"),
    "last28": _W(zh="近28日", en="Last 28 days"),
    "remarks": _W(zh="说明", en="Remarks"),
    "better": _W(zh="向好", en="better"),
    "worse": _W(zh="转差", en="worse"),
    "was": _W(zh="原值 {was}", en="was {was}"),
    "trend_text": _W(
        zh="近{n}日：最低{low}，最高{high}，最新{last}",
        en="last {n} days: lowest {low}, highest {high}, latest {last}",
    ),
    "map": _W(zh="风险等级图", en="Tiers"),
    "map_text": _W(
        zh="风险等级图：低风险{low}个、中风险{medium}个、高风险{high}个；较昨日上调{up}个、下调{down}个。逐地见附件A。",
        en="Map of tiers: {low} low, {medium} medium, {high} high; {up} moved up and {down} moved down since yesterday. Place by place in annex A.",
    ),
    "map_tiles": _W(
        zh="此区域没有边界数据，每格代表一个单位。",
        en="No boundaries for this area: each tile is one unit.",
    ),
    "tier": _W(zh="等级", en="Tier"),
    "tiers_caption": _W(zh="各等级单位数与人口", en="Units and population by tier"),
    "units": _W(zh="单位数", en="Units"),
    "population": _W(zh="人口", en="Population"),
    "moved_up": _W(zh="上调", en="Moved up"),
    "moved_down": _W(zh="下调", en="Moved down"),
    "moved": _W(zh="较昨日变动", en="moved since yesterday"),
    "inset": _W(zh="南海诸岛", en="South China Sea Islands"),
    "curve": _W(zh="疫情曲线与预测", en="Curve and forecast"),
    "curve_unit": _W(zh="人／日", en="persons a day"),
    "curve_reported": _W(zh="报告", en="reported"),
    "curve_adjusted": _W(zh="分析值（积压回摊）", en="for analysis (backlog spread back)"),
    "curve_nowcast": _W(zh="按发病日的现时估计", en="nowcast by onset"),
    "curve_key_nowcast": _W(
        zh="；绿点线与浅绿带：按发病日的现时估计与95%区间",
        en="; green dots and band: nowcast by onset, 95%",
    ),
    "curve_median": _W(zh="预测中位", en="forecast"),
    "curve_50": _W(zh="50%区间", en="50%"),
    "curve_95": _W(zh="95%区间", en="95%"),
    "curve_yesterday": _W(zh="昨日所作预测", en="yesterday's forecast"),
    "curve_text": _W(zh="疫情曲线图。{sentence}", en="Epidemic curve. {sentence}"),
    "curve_key": _W(
        zh="灰柱：报告；黑线：分析值（积压回摊）；蓝线与浅带：预测中位与50%、95%区间；虚线：昨日所作预测",
        en="grey bars: reported; black line: for analysis, backlog spread back; blue line and bands: forecast, 50% and 95%; dashed: yesterday's forecast",
    ),
    "curve_none": _W(zh="无病例序列，不作图。", en="No case series to draw."),
    "gaps": _W(zh="当前缺口", en="Gaps now"),
    "gap": _W(zh="缺口", en="Gap"),
    "count": _W(zh="件数", en="Count"),
    "worst": _W(zh="最重三地", en="Worst three places"),
    "oldest": _W(zh="最久一件", en="Oldest"),
    # page two
    "page_two": _W(zh="二、待决事项", en="Two. What to decide"),
    "page_two_short": _W(zh="待决事项", en="What to decide"),
    "decisions": _W(zh="请决定", en="Decisions"),
    "decisions_rank": _W(
        zh="按每推迟一日所失排序，共{n}项；均为建议，签字方生效",
        en="{n}, ranked by harm avoided per day of delay; each a proposal until signed",
    ),
    "no_decisions": _W(zh="今日没有需要决定的事项。", en="Nothing to decide today."),
    "where": _W(zh="地点", en="Where"),
    "recommended": _W(zh="荐", en="Advised"),
    "cost": _W(zh="成本", en="Cost"),
    "burden": _W(zh="群众负担", en="Burden"),
    "basis": _W(zh="依据", en="Basis"),
    "from_to": _W(zh="{start}起，{expiry}失效", en="from {start}, lapses {expiry}"),
    "owner": _W(zh="责任", en="Owner"),
    "due": _W(zh="时限", en="Due"),
    "would_change": _W(zh="改判条件", en="We would change our mind if"),
    "freedom": _W(
        zh="涉及人身自由：列同效中负担最小者",
        en="takes freedom: least burdensome to the same effect",
    ),
    "harm": _W(
        zh="每迟一日约合{n}例感染当量",
        en="about {n} infection-equivalents a day of delay",
    ),
    "sign": _W(zh="签发", en="sign"),
    "change": _W(zh="修改", en="change"),
    "refuse": _W(zh="不予", en="refuse"),
    "reason": _W(zh="理由", en="reason"),
    "signed_sign": _W(zh="已签发", en="signed"),
    "signed_change": _W(zh="修改后签发", en="signed with changes"),
    "signed_refuse": _W(zh="不予签发", en="refused"),
    "signed_title": _W(zh="签署记录", en="Signatures"),
    "signed_note": _W(
        zh="本件已由负责人逐项签署并生效；原建议一并保留如下。",
        en="Signed line by line and in force; what was proposed is kept beside what was signed.",
    ),
    "signed_words": _W(zh="签发的内容", en="As signed"),
    "proposed_words": _W(zh="原建议", en="As proposed"),
    "answer": _W(zh="答复", en="Answer"),
    "owner_was": _W(zh="{now}（原为 {was}）", en="{now} (was {was})"),
    "draft_digest": _W(zh="所签文稿摘要", en="Digest of the draft signed"),
    "anchor": _W(zh="审计链第 {seq} 条", en="Audit chain, entry {seq}"),
    "decision_n": _W(zh="第{n}项", en="Decision {n}"),
    "ahead": _W(zh="今后十四日", en="Next fourteen days"),
    "ahead_none": _W(
        zh="今后十四日没有已知到期事项。", en="Nothing known falls due in the next fourteen days."
    ),
    "ahead_more": _W(
        zh="另有{n}项，见附件前“今后十四日全表”。",
        en="{n} more: see the whole list before annex A.",
    ),
    "ahead_all": _W(zh="今后十四日全表", en="Next fourteen days, whole list"),
    "date": _W(zh="日期", en="Date"),
    "until": _W(zh="至", en="Until"),
    "kind": _W(zh="类别", en="Kind"),
    "what": _W(zh="事项", en="What"),
    "probability": _W(zh="概率", en="Probability"),
    "yesterday": _W(zh="昨日", en="Yesterday"),
    "corrections": _W(zh="更正", en="Corrections"),
    "no_corrections": _W(zh="无更正。", en="No corrections."),
    "corrections_more": _W(
        zh="另有{n}条，见附件前“更正全表”。", en="{n} more: see the whole list before annex A."
    ),
    "corrections_all": _W(zh="更正全表", en="Corrections, whole list"),
    "whole_lists": _W(zh="第二页各表全文", en="Lists of page two in full"),
    "signoff": _W(zh="签字", en="Sign-off"),
    "name": _W(zh="姓名", en="Name"),
    "post": _W(zh="职务", en="Post"),
    "time": _W(zh="时间", en="Time"),
    "handover": _W(zh="交接事项", en="Hand-over"),
    "no_handover": _W(zh="无交接事项。", en="No hand-over notes."),
    "digest": _W(zh="输入摘要", en="Inputs"),
    "version": _W(zh="程序版本", en="Code"),
    "seed": _W(zh="随机种子", en="Seed"),
    "pack": _W(zh="数据包", en="Data pack"),
    # annexes
    "annexes": _W(zh="附件", en="Annexes"),
    "evidence": _W(zh="数字的来处", en="Where each number comes from"),
    "evidence_intro": _W(
        zh="每个数字在此列出公式、参数和原始行。全部内容另存于 order.json。",
        en="Formula, parameters and rows behind each number. All of it is in order.json too.",
    ),
    "evidence_word": _W(
        zh="每个数字的公式、方法与参数如下；原始行见 order.html 附件J与 order.json。",
        en="Formula, method and parameters behind each number; the rows are in annex J of order.html and in order.json.",
    ),
    "formula": _W(zh="公式", en="Formula"),
    "method": _W(zh="方法", en="Method"),
    "parameters": _W(zh="参数", en="Parameters"),
    "parameter": _W(zh="参数", en="Parameter"),
    "source": _W(zh="来源", en="Source"),
    "notes": _W(zh="注", en="Notes"),
    "rows": _W(zh="原始行", en="Rows"),
    "rows_of": _W(zh="原始行：列出{n}行，共{total}行", en="Rows: {n} shown of {total}"),
    "no_rows": _W(zh="没有原始行。", en="No rows."),
    "back": _W(zh="返回", en="back"),
    "back_to": _W(zh="返回：{title}", en="Back to: {title}"),
    "made_again": _W(zh="复现本件", en="To make this document again"),
    "input": _W(zh="输入", en="Input"),
    "checksum": _W(zh="校验值", en="Checksum"),
    "top_rows": _W(
        zh="此处列前{n}行，共{total}行；全部见 order.json 与 order.html。",
        en="The first {n} of {total} rows; order.json and order.html hold all.",
    ),
    "empty_table": _W(zh="本表今日没有内容。", en="Nothing in this table today."),
    # controls
    "skip": _W(zh="跳到正文", en="Skip to the text"),
    "theme": _W(zh="明／暗", en="Light / dark"),
    "print": _W(zh="打印", en="Print"),
    "contents": _W(zh="目录", en="Contents"),
    "sort_by": _W(zh="排序", en="Sort by"),
    "page_of": _W(zh="第 {page} 页", en="page {page}"),
    # the public bulletin
    "bulletin": _W(zh="疫情与恢复情况公报", en="Public bulletin"),
    "bulletin_first": _W(zh="先说更正", en="Corrections first"),
    "bulletin_no_corrections": _W(
        zh="今天没有需要更正的数字。", en="No figure needed correcting today."
    ),
    "bulletin_headline": _W(zh="今天的情况", en="Today"),
    "bulletin_figures": _W(zh="主要数字", en="Main figures"),
    "bulletin_places": _W(zh="各地数字", en="Figures by place"),
    "bulletin_places_caption": _W(
        zh="各地累计确诊、近14日新增与风险等级",
        en="Confirmed so far, new in 14 days and tier, by place",
    ),
    "place": _W(zh="地区", en="Place"),
    "code": _W(zh="代码", en="Code"),
    "confirmed": _W(zh="累计确诊（人）", en="Confirmed so far (persons)"),
    "new_14": _W(zh="近14日新增（人）", en="New in 14 days (persons)"),
    "total": _W(zh="合计", en="Total"),
    "masked_note": _W(
        zh="“<5”表示1至4人；“※”表示为防止由合计倒推他格而不列出。零如实列出。",
        en="“<5” stands for 1 to 4 persons; “※” is left out so that another cell cannot be worked out from the total. Zeros are printed.",
    ),
    "total_withheld": _W(
        zh="“※”的合计不列出：列出便能倒推小数。",
        en="A total marked “※” is left out: it would give small cells away.",
    ),
    "bulletin_tiers": _W(zh="风险等级和您有什么关系", en="What each tier means for you"),
    "for_household": _W(zh="对家庭", en="For a household"),
    "for_firm": _W(zh="对企业", en="For a firm"),
    "bulletin_changed": _W(
        zh="等级拟有什么变化、为什么", en="Which tiers are proposed to change, and why"
    ),
    "bulletin_proposed": _W(
        zh="以下按公布的规则算出，由省级人民政府决定并公布后生效；在此之前仍按原等级。",
        en="Computed by the published rule; it takes effect when the provincial government decides and publishes it. Until then the former tier stands.",
    ),
    "nothing_changed": _W(zh="今天各地风险等级没有变化。", en="No tier changed today."),
    "tier_change": _W(
        zh="{name}：拟由{before}调整为{after}。{why}",
        en="{name}: from {before} to {after}, proposed. {why}",
    ),
    "tier_sentence": _W(
        zh="按风险等级：低风险{low}个、中风险{medium}个、高风险{high}个。",
        en="By tier: {low} low, {medium} medium, {high} high.",
    ),
    "bulletin_questions": _W(zh="大家问得最多的", en="Most asked this week"),
    "no_questions": _W(
        zh="本期数据中没有登记群众提问。",
        en="No questions were recorded in the data of this edition.",
    ),
    "bulletin_ask": _W(zh="到哪里问", en="Where to ask"),
    "ask_office": _W(
        zh="本公报由{name}疫情防控指挥部发布。数字有误或有疑问，请向该指挥部办公室提出；更正会登在下一期公报最前面。",
        en="This bulletin is published by the epidemic command post of {name}. If a figure looks wrong or you have a question, write to the office of that command post; corrections stand first in the next bulletin.",
    ),
    "bulletin_data": _W(zh="开放数据", en="Open data"),
    "bulletin_data_text": _W(
        zh="与本公报同一数字的数据文件，可自由使用：",
        en="Files with the same figures, free to use:",
    ),
    "updated": _W(zh="数据截至{day} 24时", en="Data up to {day}, 24:00"),
    "reporting": _W(zh="{of}个单位中有{n}个按时报送。", en="{n} of {of} units reported on time."),
    "how_sure": _W(zh="可能范围 {low}—{high}", en="probably between {low} and {high}"),
    "than_yesterday": _W(zh="比昨天 {change}", en="{change} on yesterday"),
}


def word(key: str, lang: Lang, **values: object) -> str:
    """Give a word of the interface in one language, its placeholders filled.

    >>> word("decision_n", "en", n=3), word("decision_n", "zh", n=3)
    ('Decision 3', '第3项')
    """
    text = WORDS[key]
    return (text.fill(**values) if values else text)[lang]
