"""Forms and details: every field tied to its help and its errors, in the reader's language."""

import re
from datetime import date

import pytest
from django import forms
from django.template.loader import render_to_string
from django.utils.translation import override

from tongchou.station.desk.forms import lazy
from tongchou.station.desk.lists import Badge
from tongchou.vocabulary.text import Text, same


class Sample(forms.Form):
    """A form with a field of every layout."""

    name = forms.CharField(label=lazy("名称", "Name"), help_text=lazy("写全称。", "In full."))
    kind = forms.ChoiceField(label=lazy("类别", "Kind"), choices=[("a", "A")])
    way = forms.ChoiceField(
        label=lazy("方式", "Way"), choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect
    )
    sure = forms.BooleanField(label=lazy("确认", "Sure"))
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.mark.parametrize(
    ("language", "label", "required"),
    [("zh-hans", "名称", "这个字段是必填项。"), ("en", "Name", "This field is required.")],
)
def test_errors_stand_on_top_and_at_their_fields_in_the_readers_language(language, label, required):
    with override(language):
        page = render_to_string("desk/form.html", {"form": Sample({"kind": "a"})})
    assert f'<a href="#id_name">{label}</a>' in page
    assert page.index('role="alert"') < page.index('name="name"')
    assert page.count(required) == 6, "three fields, each on top and at its place"


def test_every_id_that_a_field_is_described_by_is_there():
    page = render_to_string("desk/form.html", {"form": Sample({})})
    named = {i for ids in re.findall(r'aria-describedby="([^"]+)"', page) for i in ids.split()}
    assert named == {
        "id_name_help",
        "id_name_error",
        "id_kind_error",
        "id_way_error",
        "id_sure_error",
    }
    assert all(f'id="{i}"' in page for i in named)
    assert "<legend>" in page


def test_a_form_without_faults_shows_no_summary():
    assert 'role="alert"' not in render_to_string("desk/form.html", {"form": Sample()})


def test_a_detail_writes_values_and_draws_badges():
    facts = [
        (Text(zh="日期", en="Date"), date(2020, 2, 3)),
        (Text(zh="状态", en="State"), Badge(Text(zh="在用", en="in use"), "good")),
        (Text(zh="备注", en="Remark"), None),
        (Text(zh="脚本", en="Script"), "<b>x</b>"),
        (Text(zh="人数", en="Persons"), 12345),
        (same("tone"), Text(zh="色调", en="tone")),
    ]
    with override("en"):
        page = render_to_string("desk/detail.html", {"facts": facts})
    for words in (
        "2020-02-03",
        '<span class="tag tag-good">in use</span>',
        "<dd>–</dd>",
        "&lt;b&gt;",
        "12,345",
        "<dd>tone</dd>",
    ):
        assert words in page
