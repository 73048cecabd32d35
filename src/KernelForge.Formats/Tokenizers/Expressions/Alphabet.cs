namespace KernelForge.Formats.Tokenizers;

/// <summary>
/// Classes of characters that an expression cannot tell apart. Class 0 is the end of the text. Over bytes, the characters are those by which byte-level
/// vocabularies spell them.
/// </summary>
internal sealed class Alphabet
{
    private readonly List<(int First, int Last, int Class)> _ranges = [];
    private readonly List<int> _samples = [-1];

    public Alphabet(IEnumerable<CharacterSet> all)
    {
        var sets = all.Distinct().ToArray();
        var ends = new SortedSet<int> { 0, CharacterSet.Last + 1 };
        foreach (var (first, last) in sets.SelectMany(static set => set.Ranges))
        {
            ends.Add(first);
            ends.Add(last + 1);
        }

        var borders = ends.ToArray();
        var classes = new Dictionary<string, int>(StringComparer.Ordinal);
        var signature = new char[sets.Length];
        for (var i = 0; i + 1 < borders.Length; i++)
        {
            for (var set = 0; set < sets.Length; set++)
                signature[set] = sets[set].Contains(borders[i]) ? '1' : '0';
            var key = new string(signature);
            if (!classes.TryGetValue(key, out var found))
            {
                found = _samples.Count;
                classes.Add(key, found);
                _samples.Add(borders[i]);
            }

            _ranges.Add((borders[i], borders[i + 1] - 1, found));
        }

        if (_samples.Count > 256)
            throw new ExpressionException("it tells more than 255 classes of characters apart");
    }

    /// <summary>Number of classes, the end of the text among them.</summary>
    public int Count => _samples.Count;

    /// <summary>Whether a set holds the characters of a class.</summary>
    public bool Holds(CharacterSet set, int index) => index > 0 && set.Contains(_samples[index]);

    /// <summary>The class of each byte.</summary>
    public byte[] OverBytes() => [.. Enumerable.Range(0, 256).Select(value => ClassOf(ByteAlphabet.CharacterOf((byte)value)))];

    /// <summary>The class of each code point.</summary>
    public byte[] OverCharacters()
    {
        var classes = new byte[CharacterSet.Last + 1];
        foreach (var (first, last, found) in _ranges)
            classes.AsSpan(first, last - first + 1).Fill((byte)found);
        return classes;
    }

    private byte ClassOf(int codePoint) => (byte)_ranges.First(range => codePoint <= range.Last).Class;
}
