"""The page of a report, in HTML that needs no other file."""

from __future__ import annotations

import base64
import json
from dataclasses import fields
from html import escape
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_twinscope.manifolds.stages.figures import TITLES
from napari_twinscope.manifolds.stages.measures import MEASURES
from napari_twinscope.manifolds.stages.report_words import (
    ALIGNMENT_SOURCES,
    COLUMN_NOTES,
    READING,
    TABLE_WORDS,
)
from napari_twinscope.twins import caution

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_twinscope.manifolds.stages.result import StageComparison

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem;
  color: #1d1d1f; background: #fff; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; } h2 { margin-top: 2.2rem; font-size: 1.2rem; }
.caution { border-left: 5px solid #D55E00; background: #fdf1e8; padding: .5rem .8rem; }
.notice { border-left: 5px solid #E69F00; background: #fdf8e8; padding: .3rem .8rem; margin: .4rem 0; }
figure { margin: 1rem 0; } img { max-width: 100%; height: auto; } figcaption { max-width: 52rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; margin: .6rem 0; }
th, td { padding: .18rem .55rem; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th { border-bottom: 2px solid #888; } small, .source { color: #55585c; }
tbody th { border-bottom: 1px solid #ddd; font-weight: 600; white-space: nowrap; }
pre { background: #f5f5f7; padding: .7rem; overflow-x: auto; font-size: 12px; }
</style>
</head>
<body>
$body
</body>
</html>
""")


def report_page(
    comparison: StageComparison, provenance: dict[str, Any], figures: dict[str, bytes], files: Sequence[str]
) -> str:
    """Return the page.

    Parameters
    ----------
    comparison
        What it tells of.
    provenance
        Of the comparison, as its method returns it.
    figures
        PNG files by name.
    files
        Names of the tables beside the page.
    """
    count = len(comparison.populations)
    title = f"Comparison of {count} {'population' if count == 1 else 'populations'}"
    body = [
        f"<h1>{title}</h1>",
        f"<p>{escape(', '.join(comparison.names))}. Preset <b>{escape(comparison.options.preset)}</b>, "
        f"made {escape(provenance['made'])} with napari-twinscope "
        f"{escape(provenance['versions']['napari-twinscope'])}.</p>",
        *_cautions(comparison),
        *[f'<p class="notice">{escape(text)}</p>' for text in comparison.notices],
        "<h2>At a glance</h2>",
        _glance(comparison),
    ]
    for name, picture in figures.items():
        body += [f"<h2>{TITLES[name]}</h2>", _figure(name, picture)]
    if comparison.alignment is not None:
        body.append(_alignment_table(comparison))
    body += [
        "<h2>All measures</h2>",
        "<p>Value, and below it its interval and chance level where there are any.</p>",
        _measures_table(comparison),
        "<h2>What each measure is</h2>",
        _definitions(comparison),
        "<h2>Tables and figures as files</h2>",
        _list(f"<code>tables/{name}.csv</code>: {TABLE_WORDS[name]}" for name in files),
        "<p>Every figure is in <code>figures/</code> as PNG and SVG; <code>options.json</code> has the "
        "options, the provenance and a checksum of each file.</p>",
        "<h2>Options</h2>",
        _options(comparison),
        "<h2>Provenance</h2>",
        _provenance(provenance),
    ]
    return _PAGE.substitute(title=title, body="\n".join(body))


def number_text(value: float) -> str:
    """Return a number with four digits that count; a dash for what is not a number.

    Examples
    --------
    >>> number_text(0.123456), number_text(2000.0), number_text(2.3e-05), number_text(float("nan"))
    ('0.1235', '2000', '2.3e-05', '–')
    """
    return f"{value:.4g}" if np.isfinite(value) else "–"


def _cautions(comparison: StageComparison) -> Iterable[str]:
    told = {}
    for one in comparison.populations:
        if one.source is not None and one.source.status:
            told[one.source.twin_id] = caution(one.source.status)
    return [
        f'<p class="caution"><b>Twin {escape(twin)}: {escape(text)}.</b></p>' for twin, text in told.items()
    ]


def _glance(comparison: StageComparison) -> str:
    """Say which population has the highest and the lowest value of a few measures."""
    lines = []
    for name in ("median_dsi", "logistic_final", "participation_ratio", "s_tight", "local_dimension"):
        if name not in comparison.measures:
            continue
        values = comparison.wide[name].dropna()
        if len(values) > 1:
            low, high = (f"<b>{escape(str(at))}</b>" for at in (values.idxmin(), values.idxmax()))
            lines.append(
                f"{escape(MEASURES[name].long_name)}: lowest {number_text(float(values.min()))} in {low}, "
                f"highest {number_text(float(values.max()))} in {high}."
            )
    differences = comparison.tubularity_differences
    if "differs" in differences:
        tight = differences[differences["measure"] == "s_tight"]
        lines.append(
            f"S_tight differs in {int(tight['differs'].sum())} of {len(tight)} pairs: there the 95 % "
            "interval of the differences leaves zero out. It holds the choice of units alone; nothing is "
            "corrected for the number of pairs."
        )
    return _list(lines) if lines else "<p>One population, or none of these measures.</p>"


def _figure(name: str, picture: bytes) -> str:
    data = base64.b64encode(picture).decode("ascii")
    how, source = READING[name]
    return (
        f'<figure><img alt="{TITLES[name]}" src="data:image/png;base64,{data}">'
        f'<figcaption><p>{how}</p><p class="source">Source: {source}</p></figcaption></figure>'
    )


def _alignment_table(comparison: StageComparison) -> str:
    table, numbers = comparison.alignment_table, ["score", "lower", "upper", "chance"]
    names = table[["population", "other", "alignment"]].to_numpy().tolist()
    values = table[numbers].to_numpy(dtype=float).tolist()
    rows = [[*map(str, name), *map(number_text, value)] for name, value in zip(names, values, strict=True)]
    shown = _table(["population", "other", "measure", *numbers], rows, 3)
    sources = "; ".join(ALIGNMENT_SOURCES[name] for name in comparison.options.alignments)
    return (
        f"<details><summary>{len(rows)} pairs and measures as numbers</summary>{shown}</details>"
        f'<p class="source">Measures: {escape(sources)}</p>'
    )


def _measures_table(comparison: StageComparison) -> str:
    cells = {(row.population, row.measure): row for row in comparison.table.itertuples()}
    head = "".join(f'<th class="number">{escape(name)}</th>' for name in comparison.names)
    lines = []
    for name in comparison.measures:
        shown = "".join(
            f'<td class="number">{_cell(cells.get((population, name)))}</td>'
            for population in comparison.names
        )
        tip = escape(MEASURES[name].description, quote=True)
        units = MEASURES[name].units
        unit = "" if units == "1" else f" <small>({escape(units or 'unit of the responses')})</small>"
        lines.append(f'<tr><th title="{tip}">{escape(MEASURES[name].long_name)}{unit}</th>{shown}</tr>')
    return (
        f'<div class="scroll"><table><thead><tr><th>measure</th>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _cell(row: Any) -> str:
    if row is None:
        return "–"
    text = number_text(row.value)
    if np.isfinite(row.lower):
        text += f"<br><small>{number_text(row.lower)} … {number_text(row.upper)}</small>"
    if np.isfinite(row.chance):
        text += f"<br><small>chance {number_text(row.chance)}</small>"
    return text


def _definitions(comparison: StageComparison) -> str:
    rows = []
    for name in comparison.measures:
        what = MEASURES[name]
        notes = [f"Interval: {what.interval}." if what.interval else "", COLUMN_NOTES.get(name, "")]
        notes += [f"Chance: {what.chance}." if what.chance else ""]
        rows.append(
            [
                name,
                what.long_name,
                " ".join([what.description, *filter(None, notes)]),
                what.units,
                what.source,
            ]
        )
    return _table(["column", "name", "what it is", "unit", "source"], rows, 5)


def _options(comparison: StageComparison) -> str:
    rows = [
        [field.name, json.dumps(comparison.options.to_dict()[field.name])]
        for field in fields(comparison.options)
    ]
    return _table(["option", "value"], rows, 2) + f"<p>Hash <code>{comparison.options.hash}</code></p>"


def _provenance(provenance: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in provenance["versions"].items())
    heads = ["population", "in the papers", "recording", "twin", "weights", "protocol", "sampling"]
    heads += ["plan", "seed", "recorded", "units"]
    rows = [
        [
            one["population"],
            one.get("paper_name", ""),
            one.get("recording", one.get("imported", "")),
            one.get("twin", ""),
            one.get("twin_checksum", ""),
            one.get("protocol", ", ".join(one["stimuli"])),
            one.get("sampling", ""),
            one.get("plan_hash", ""),
            str(one.get("recording_seed", "")),
            one.get("recorded", ""),
            str(one["units"]),
        ]
        for one in provenance["populations"]
    ]
    text = escape(json.dumps(provenance, indent=1))
    return (
        f"<p>Compared with {escape(versions)}; seed of all draws {provenance['seed']}.</p>"
        + _table(heads, rows, len(heads))
        + f"<details><summary>Everything that is known</summary><pre>{text}</pre></details>"
    )


def _list(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], texts: int) -> str:
    """Return a table whose columns after the first `texts` hold numbers."""

    def kind(place: int) -> str:
        return "" if place < texts else ' class="number"'

    head = "".join(f"<th{kind(place)}>{escape(name)}</th>" for place, name in enumerate(heads))
    lines = [
        "<tr>"
        + "".join(f"<td{kind(place)}>{escape(str(cell))}</td>" for place, cell in enumerate(row))
        + "</tr>"
        for row in rows
    ]
    body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f'<div class="scroll"><table>{body}</table></div>'
