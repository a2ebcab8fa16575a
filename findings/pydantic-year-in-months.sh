#!/usr/bin/env bash
# pydantic 2.14.4: a period of P12M is 360 days and one of P1Y 365, and 365 days are sent out as P1Y.
#
# Expected: in ISO 8601 years and months are those of the calendar: twelve months are a year, and how many days they
# are depends on the day they start from. A timedelta knows days only. So a P12M is refused, as msgspec 0.23.0 does, or
# kept as months, as isodate 0.7.2 does; and 365 days are written as P365D, by msgspec again. The documentation of
# pydantic ("Standard Library Types", timedelta) names days, hours, minutes and seconds.
#
# What happens: a month is taken for 30 days and a year for 365, so that P12M ends five days before P1Y. What is sent
# out has years, but no months: 365 days are "P1Y", 366 "P1Y1D" and 730 "P2Y", while 360 stay "P360D". pydantic reads
# its own text back as it was; who else reads it adds a year of the calendar, which has 366 days across a 29 February.
#
# For a user: a subscription, a guarantee or a term of payment that a partner writes as P12M ends early, and a period of
# 365 days that is handed on ends a day late. Take the text as str and read it with isodate, and send days as a number
# or under ser_json_timedelta="float".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pydantic==2.14.4 isodate==0.7.2 msgspec==0.23.0
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import date, timedelta

import isodate
import msgspec
import pydantic

start = date(2027, 3, 1)


class Contract(pydantic.BaseModel):
    period: timedelta


def sent(days):
    return Contract(period=timedelta(days=days)).model_dump_json()


def ends(text):
    # The end as pydantic and as the calendar has it.
    read = Contract.model_validate_json(f'{{"period": "{text}"}}').period
    return start + read, start + isodate.parse_duration(text)


table = {text: ends(text) for text in ("P1M", "P12M", "P1Y", "P24M", "P2Y", "P365D")}
for text, (here, calendar) in table.items():
    print(f"{text} from {start}: pydantic {here}, calendar {calendar}")
texts = {days: sent(days) for days in (30, 360, 365, 366, 730)}
print("sent by pydantic:", *(f"{days} days {text}" for days, text in texts.items()))

assert table["P365D"] == (date(2028, 2, 29),) * 2
assert {calendar for _, calendar in (table["P12M"], table["P1Y"])} == {date(2028, 3, 1)}
assert (table["P12M"][0], table["P1Y"][0]) == (date(2028, 2, 24), date(2028, 2, 29)), "months have other days now"
assert table["P1M"] == (date(2027, 3, 31), date(2027, 4, 1))
assert {days: text[11:-2] for days, text in texts.items()} == {
    30: "P30D", 360: "P360D", 365: "P1Y", 366: "P1Y1D", 730: "P2Y"}, "days are written as days now"
assert msgspec.json.encode(timedelta(days=365)) == b'"P365D"'
for text in ("P12M", "P1Y"):
    try:
        msgspec.json.decode(f'"{text}"', type=timedelta)
    except msgspec.ValidationError as error:
        print(f"msgspec, {text}: {error}")
    else:
        raise SystemExit("msgspec takes months and years")


class Numbers(Contract, ser_json_timedelta="float"):
    pass


assert Numbers(period=timedelta(days=365)).model_dump_json() == '{"period":31536000.0}'
PYTHON
