using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>
/// The merges of a SentencePiece model, which lists none: any two neighbours whose joint text is a token may merge, that of the best score first. The
/// same score has the same rank, so that the leftmost pair comes first.
/// </summary>
internal static class ScoredMerges
{
    /// <summary>The merges by what the tokens match and by their scores.</summary>
    public static MergeSlot[] Derive(byte[][] words, byte[] kinds, double[] scores)
    {
        var ids = new Dictionary<string, uint>(words.Length, StringComparer.Ordinal);
        for (var id = 0; id < words.Length; id++)
        {
            if (HashTables.MatchesAsWord(kinds[id]) && words[id].Length > 0)
                ids.TryAdd(Key(words[id]), (uint)id);
        }

        var ranks = scores.Distinct().OrderDescending().Select(static (score, rank) => (score, rank)).ToDictionary(static pair => pair.score, static pair => (uint)pair.rank);
        var merges = new List<MergeSlot>(words.Length * 2);
        var names = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var (text, result) in ids)
        {
            for (var cut = 1; cut < text.Length; cut++)
            {
                if (names.TryGetValue(text.AsSpan(0, cut), out var left) && names.TryGetValue(text.AsSpan(cut), out var right))
                    merges.Add(new MergeSlot { Left = left, Right = right, Rank = ranks[scores[result]], Result = result });
            }
        }

        return [.. merges];
    }

    private static string Key(byte[] word) => string.Create(word.Length, word, static (characters, bytes) =>
    {
        for (var i = 0; i < bytes.Length; i++)
            characters[i] = (char)bytes[i];
    });
}
