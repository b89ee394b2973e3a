#!/usr/bin/env python3
"""Makes foods.tsv and portions.tsv out of the tables of the US Department of Agriculture.

Usage: python3 make.py SOURCE_FOLDER
SOURCE_FOLDER holds usda_sr28_abbrev.csv, FOOD_DES.txt, WEIGHT.txt and usda_fdc_nonbranded.csv.gz (see README.md).
The same sources always give the same bytes.
"""

import collections
import csv
import gzip
import pathlib
import re
import sys

NUTRIENTS = {
    "energy": "Energ_Kcal", "water": "Water_(g)", "magnesium": "Magnesium_(mg)", "potassium": "Potassium_(mg)",
    "calcium": "Calcium_(mg)", "sodium": "Sodium_(mg)", "vitamin_d": "Vit_D_µg", "vitamin_b1": "Thiamin_(mg)",
    "vitamin_b5": "Panto_Acid_mg)", "vitamin_b6": "Vit_B6_(mg)", "vitamin_b12": "Vit_B12_(µg)",
    "vitamin_k1": "Vit_K_(µg)", "vitamin_k2": None, "fibre": "Fiber_TD_(g)", "alcohol": None, "caffeine": None,
}
# mg per 100 g, from the full tables of SR28 (the abbreviated one has no caffeine): milk chocolate, dark 45-59 %, 60-69 %,
# 70-85 %, and cocoa powder.
CAFFEINE_KNOWN = {"19120": "20", "19902": "43", "19903": "86", "19904": "80", "19165": "230"}
BEVERAGES, SWEETS = "14", "19"
ALCOHOL = re.compile(
    r"alcohol|\b(wine|wines|beer|cider|liqueur|liquor|rum|brandy|whisk(e)?y|vodka|gin|sake|sherry|bourbon|kombucha|"
    r"daiquiri|colada|tequila|eggnog|tiramisu|cocktail mix|vanilla extract)\b", re.I)
CAFFEINE = re.compile(
    r"choc|cocoa|cacao|coffee|caffein|mocha|cappuccino|espresso|latte|cola\b|kola|guarana|energy|brownie|fudge|oreo|"
    r"devil'?s food|black forest|s'?mores|tiramisu|snickers|kit kat|twix|m&m|reese|\b(tea|teas|pepper-type|mate)\b", re.I)
# Sweets and drinks are many-ingredient goods: only of these kinds may caffeine be taken as zero.
NO_CAFFEINE_SWEETS = re.compile(r"^(sugars?|honey|syrups?|jams|jellies|molasses|marmalade|gelatin)", re.I)
NO_CAFFEINE_DRINKS = re.compile(
    r"\bwater\b|juice|lemonade|limeade|almond milk|rice milk|coconut|without caffeine|no caffeine|tea, herb|hibiscus|"
    r"wine|beer|gatorade|powerade|club soda|ginger ale|tonic", re.I)


def rows(path):
    """The fields of a ^-separated file with ~ as quotes."""
    for line in path.read_text("latin-1").splitlines():
        yield [field.strip("~").strip() for field in line.split("^")]


def number(text):
    """Without needless digits; empty stays empty, for it is unknown."""
    return f"{float(text):.10g}" if text.strip() else ""


def clean(name):
    name = re.sub(r"\s*\(Includes foods for USDA's Food Distribution Program\)", "", name)
    return re.sub(r"\s+", " ", name).strip()


def alcohol(group, name):
    return "" if ALCOHOL.search(re.sub(r"\b(root|ginger) beer\b", "", name, flags=re.I)) else "0"


def caffeine(group, name):
    decaffeinated_words = re.sub(r"without caffeine|no caffeine|caffeine free|tea, (herb|hibiscus)", "", name, flags=re.I)
    if group == SWEETS and not NO_CAFFEINE_SWEETS.search(name):
        return ""
    if group == BEVERAGES and not NO_CAFFEINE_DRINKS.search(name):
        return ""
    if group == BEVERAGES and re.search(r"without caffeine|no caffeine|caffeine free", name, re.I):
        return "0"
    return "" if CAFFEINE.search(decaffeinated_words) else "0"


def vitamin_k2(path, names):
    """MK-4 by long name, where one food only has that name in both tables."""
    found = collections.defaultdict(set)
    with gzip.open(path, "rt", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row["Vitamin K2 MK-4"]:
                found[clean(row["foodName"])].add(row["Vitamin K2 MK-4"])
    count = collections.Counter(names)
    return {name: values.pop() for name, values in found.items() if len(values) == 1 and count[name] == 1}


def main(source, target):
    with open(source / "usda_sr28_abbrev.csv", encoding="utf-8") as table:
        values = {row["NDB_No"].zfill(5): row for row in csv.DictReader(table)}
    foods = {row[0]: (row[1][:2], clean(row[2])) for row in rows(source / "FOOD_DES.txt") if row[0] in values}
    k2 = vitamin_k2(source / "usda_fdc_nonbranded.csv.gz", [name for _, name in foods.values()])
    lines = ["\t".join(["id", "group", "name", *NUTRIENTS])]
    for food, (group, name) in sorted(foods.items()):
        row = values[food]
        amounts = {key: number(row[column]) if column else "" for key, column in NUTRIENTS.items()}
        amounts["vitamin_k2"] = number(k2.get(name, ""))
        amounts["alcohol"] = alcohol(group, name)
        amounts["caffeine"] = CAFFEINE_KNOWN.get(food) or caffeine(group, name)
        lines.append("\t".join([food, group, name, *amounts.values()]))
    (target / "foods.tsv").write_text("\n".join(lines) + "\n", "utf-8")

    # Of one unit each: "2 tbsp, 32 g" becomes "tbsp, 16 g"; only ounces keep their number, for "3 oz" is a usual serving.
    portions = collections.defaultdict(dict)
    weights = sorted(rows(source / "WEIGHT.txt"), key=lambda row: (row[0], float(row[2]) != 1, int(row[1])))
    for food, _, amount, name, grams, *_ in weights:
        amount, grams, name = float(amount), float(grams), clean(name.replace("\t", " "))
        if food not in foods or grams <= 0 or amount <= 0 or (name in ("oz", "lb", "g") and amount == 1):
            continue
        if name in ("oz", "lb", "g"):
            name = f"{amount:g} {name}"
        else:
            grams /= amount
        portions[food].setdefault(name, f"{grams:.4g}")
    lines = ["\t".join([food, *(f"{grams}\t{name}" for name, grams in named.items())]) for food, named in sorted(portions.items())]
    (target / "portions.tsv").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(__file__).parent)
