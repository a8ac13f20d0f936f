# Prints what names the original mkosi knows, as JSON: settings, options, verbs, conditions, specifiers, and what its
# manual mentions.

import json
import re
from pathlib import Path

import mkosi
from mkosi import config

manual = (Path(mkosi.__file__).parent / "resources/man/mkosi.1.md").read_text()
terms = "\n".join(re.findall(r"^`.*", manual, re.M))

facts = {
    "settings": [
        {
            "name": s.name,
            "section": s.section,
            "option": s.long.lstrip("-"),
            "short": (s.short or "").lstrip("-"),
            "scope": s.scope.name.replace("_", "-"),
            "tools": s.tools,
            "match": s.match is not None,
            "specifier": s.specifier,
            "pickup": list(s.path_suffixes),
            "pickupEach": list(s.recursive_path_suffixes),
            "text": s.path_read_text,
            "secret": s.path_secret,
            "oldNames": sorted(s.compat_names),
            "oldOptions": sorted(name.lstrip("-") for name in s.compat_longs),
        }
        for s in config.SETTINGS
    ],
    "options": [
        {"names": action.option_strings, "argument": action.nargs != 0}
        for action in config.create_argument_parser()._actions
        if action.option_strings
    ],
    "verbs": [{"name": str(verb), "operands": verb.supports_cmdline()} for verb in config.Verb],
    "conditions": [match.name for match in config.MATCHES],
    "specifiers": [specifier.char for specifier in config.SPECIFIERS],
    # the terms that the manual explains are lines which begin with them
    "manual": {
        "settings": sorted(set(re.findall(r"`([A-Z][A-Za-z]+)=", terms))),
        "options": sorted(set(re.findall(r"`--([a-z][a-z-]+)", terms))),
        "short": sorted(set(re.findall(r"`-([A-Za-z])[` =]", terms))),
        "verbs": sorted(set(re.findall(r"^`mkosi \[options…\] ([a-z-]+)", manual, re.M))),
        "specifiers": sorted(set(re.findall(r"`([%&][A-Za-z%&])`", manual))),
    },
}
print(json.dumps(facts))
