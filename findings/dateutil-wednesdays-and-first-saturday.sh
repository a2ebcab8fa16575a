#!/usr/bin/env bash
# python-dateutil 2.9.0: a shop open on Wednesdays and on the first Saturday of the month is never open.
#
# Expected: RFC 5545 (3.3.10) says that BYDAY is a list of days of the week, and that each value may have a number in
# front for the nth such day within the month or the year. So BYDAY=WE,1SA has every Wednesday and the first Saturday.
# dateutil says of its rrule that it is an implementation of the rules of the iCalendar RFC, and of byweekday that it
# takes a sequence of weekdays, which may have their n. In its port to JavaScript the same behaviour is labelled as
# a bug (rrule, issue 71).
#
# What happens: the days with a number and those without are kept as two conditions, and a date has to fulfil both. No
# Wednesday is a first Saturday, so the rule has no date at all, monthly or yearly, as a text or by arguments. With
# BYDAY=SA,1SA only the first Saturdays are left. Nothing is raised. All with a number, or all without, is right.
#
# For a user: opening hours, deliveries or invoices of such a rule, which calendar programs write, are missing, and a
# calendar that is read by recurring-ical-events, which is built on it, shows the day of the start alone. Write 1WE,
# 2WE, 3WE, 4WE, 5WE in place of WE, or make a rruleset of two rules.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check python-dateutil==2.9.0.post0 \
  recurring-ical-events==3.8.2 icalendar==7.3.2
"$folder/venv/bin/python" - <<'PYTHON'
import datetime
from importlib.metadata import version

import icalendar
import recurring_ical_events
from dateutil.rrule import MONTHLY, SA, WE, rrule, rruleset, rrulestr

first, last = datetime.datetime(2026, 1, 1, 9), datetime.datetime(2026, 2, 28, 9)
days = [first + datetime.timedelta(number) for number in range((last - first).days + 1)]
wednesdays = [day for day in days if day.strftime("%a") == "Wed"]
saturdays = [day for day in days if day.strftime("%a") == "Sat"]
first_saturdays = [day for day in saturdays if day.day <= 7]
right = sorted(wednesdays + first_saturdays)


def dates(rule, frequency="MONTHLY"):
    return list(rrulestr(f"FREQ={frequency};BYDAY={rule};UNTIL=20260228T090000", dtstart=first))


print("dateutil", version("python-dateutil"), "WE,1SA:", [f"{day:%d %b}" for day in dates("WE,1SA")])
print("the calendar's days:", [f"{day:%d %b}" for day in right])
assert len(right) == 10 and dates("WE") == wednesdays and dates("1SA") == first_saturdays
assert dates("WE,1SA") == dates("1SA,WE") == dates("WE,-1SA") == dates("WE,1SA", "YEARLY") == [], "lists are united now"
assert list(rrule(MONTHLY, dtstart=first, until=last, byweekday=[WE, SA(1)])) == []
assert dates("SA,1SA") == first_saturdays != saturdays

feed = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:shop
BEGIN:VEVENT
UID:open
DTSTAMP:20260101T000000Z
SUMMARY:Open
DTSTART:20260103T090000
DTEND:20260103T170000
RRULE:FREQ=MONTHLY;BYDAY=WE,1SA
END:VEVENT
END:VCALENDAR
"""
calendar = icalendar.Calendar.from_ical(feed.replace("\n", "\r\n"))
opened = [event.start for event in recurring_ical_events.of(calendar).between(first, last + datetime.timedelta(1))]
print("recurring-ical-events", version("recurring-ical-events"), [f"{day:%d %b}" for day in opened])
assert opened == [datetime.datetime(2026, 1, 3, 9)]

both = rruleset()
both.rrule(rrule(MONTHLY, dtstart=first, until=last, byweekday=WE))
both.rrule(rrule(MONTHLY, dtstart=first, until=last, byweekday=SA(1)))
assert list(both) == dates("1WE,2WE,3WE,4WE,5WE,1SA") == right and dates("WE,SA") == sorted(wednesdays + saturdays)
PYTHON
