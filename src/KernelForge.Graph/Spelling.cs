namespace KernelForge;

/// <summary>What somebody may have meant.</summary>
internal static class Spelling
{
    private const int MostLetters = 96;

    /// <summary>A known name that is few changes of letters away, or null.</summary>
    public static string? Nearest(string name, IEnumerable<string> names)
    {
        var (best, least) = ((string?)null, (name.Length / 3) + 1);
        foreach (var known in names)
        {
            var distance = Distance(name, known);
            if (distance < least)
                (best, least) = (known, distance);
        }

        return best;
    }

    /// <summary>Levenshtein's distance. Names that no person wrote may be long: they have no neighbours.</summary>
    private static int Distance(string a, string b)
    {
        if (a.Length > MostLetters || b.Length > MostLetters)
            return int.MaxValue;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
