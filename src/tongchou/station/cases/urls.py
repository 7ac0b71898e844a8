"""Addresses of the app `cases`."""

from django.urls import URLPattern, URLResolver, path

from tongchou.station.cases.contact_urls import contact_urls
from tongchou.station.cases.views import case, delays, interview, lines, report, sample

app_name = "cases"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", case.case_list, name="cases"),
    path("report/", report.report, name="report"),
    path("report/known/", report.known, name="known"),
    path("lines/", lines.lines, name="lines"),
    path("delays/", delays.delays, name="delays"),
    path("case/<str:number>/", case.case_page, name="case"),
    path("case/<str:number>/do/<slug:action>/", case.case_move, name="move"),
    path("case/<str:number>/correct/", case.case_correct, name="correct"),
    path("case/<str:number>/take-back/", case.case_take_back, name="take_back"),
    path("case/<str:number>/hand-over/", case.case_hand_over, name="hand_over"),
    path("case/<str:number>/residence/", case.case_residence, name="residence"),
    path("case/<str:number>/identity/", case.case_identity, name="identity"),
    path("case/<str:number>/interview/", interview.interview, name="interview"),
    path("case/<str:number>/sample/", sample.take, name="take_sample"),
    path("samples/", sample.sample_list, name="samples"),
    path("samples/results/", sample.results, name="results"),
    path("sample/<str:number>/", sample.sample_page, name="sample"),
    path("sample/<str:number>/receive/", sample.receive_one, name="receive"),
    path("sample/<str:number>/correct/", sample.correct, name="correct_result"),
    *contact_urls,
]
