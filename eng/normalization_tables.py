#!/usr/bin/env python3
"""Writes src/KernelForge/Text/Normalization/NormalizationTables.cs from Python's Unicode database. Run from the repository's root."""
import sys
import unicodedata

HANGUL = range(0xAC00, 0xD7A4)
COMPOSES = 1 << 24


def canonical(code_point):
    text = unicodedata.decomposition(chr(code_point))
    return [] if not text or text.startswith("<") else [int(part, 16) for part in text.split()]


def classes():
    """(first, last, class) for every run of code points with one combining class other than 0."""
    runs = []
    for code_point in range(sys.maxunicode + 1):
        value = unicodedata.combining(chr(code_point))
        if value == 0:
            continue
        if runs and runs[-1][1] == code_point - 1 and runs[-1][2] == value:
            runs[-1][1] = code_point
        else:
            runs.append([code_point, code_point, value])
    return runs


def decompositions():
    """(code point, first, second or 0); the first carries a flag where the pair composes again."""
    rows = []
    for code_point in range(sys.maxunicode + 1):
        parts = [] if code_point in HANGUL else canonical(code_point)
        if not parts:
            continue
        composes = len(parts) == 2 and unicodedata.normalize("NFC", "".join(map(chr, parts))) == chr(code_point)
        rows.append([code_point, parts[0] | (COMPOSES if composes else 0), parts[1] if len(parts) == 2 else 0])
    return rows


def lines(rows, per_line):
    cells = [", ".join(f"0x{value:X}" for value in row) for row in rows]
    for i in range(0, len(cells), per_line):
        yield "        " + ", ".join(cells[i:i + per_line]) + ","


def main():
    out = [
        f"// Unicode {unicodedata.unidata_version}. Written by eng/normalization_tables.py; do not edit.",
        "namespace KernelForge.Text;",
        "",
        "/// <summary>What composed normal form (NFC) needs of the Unicode character database.</summary>",
        "internal static class NormalizationTables",
        "{",
        "    /// <summary>Flag on the first part of a decomposition: the two parts compose to it again.</summary>",
        f"    public const int Composes = 0x{COMPOSES:X};",
        "",
        "    /// <summary>Triples (first, last, class) of the code points whose combining class is not 0, ascending.</summary>",
        "    public static ReadOnlySpan<int> CombiningClasses =>",
        "    [",
        *lines(classes(), 5),
        "    ];",
        "",
        "    /// <summary>Triples (code point, first part, second part or 0), ascending; without Hangul syllables, which are computed.</summary>",
        "    public static ReadOnlySpan<int> Decompositions =>",
        "    [",
        *lines(decompositions(), 5),
        "    ];",
        "}",
    ]
    with open("src/KernelForge/Text/Normalization/NormalizationTables.cs", "w", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(out) + "\n")


main()
