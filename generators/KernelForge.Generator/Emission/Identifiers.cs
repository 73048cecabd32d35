using System.Text;

namespace KernelForge.Generator.Emission;

/// <summary>C# names made of a plan's names.</summary>
internal static class Identifiers
{
    /// <summary>Letters, digits and underscores of a name, its words joined: <c>Query, key and value</c> becomes <c>QueryKeyAndValue</c>.</summary>
    public static string Pascal(string name)
    {
        var text = new StringBuilder();
        var wordBegins = true;
        foreach (var c in name)
        {
            if (c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_')
            {
                text.Append(wordBegins ? char.ToUpperInvariant(c) : c);
                wordBegins = false;
            }
            else
            {
                wordBegins = true;
            }
        }

        return text.Length == 0 || char.IsDigit(text[0]) ? "_" + text : text.ToString();
    }

    /// <summary>The same with a small first letter, for a local.</summary>
    public static string Camel(string name)
    {
        var pascal = Pascal(name);
        return char.ToLowerInvariant(pascal[0]) + pascal.Substring(1);
    }

    /// <summary>One name for each item; where two would be equal, the later ones get numbers.</summary>
    public static IReadOnlyList<string> Unique(IEnumerable<string> names, params string[] taken)
    {
        var used = new HashSet<string>(taken, StringComparer.Ordinal);
        var unique = new List<string>();
        foreach (var name in names)
        {
            var candidate = name;
            for (var number = 2; !used.Add(candidate); number++)
                candidate = name + number.ToString(System.Globalization.CultureInfo.InvariantCulture);
            unique.Add(candidate);
        }

        return unique;
    }
}
