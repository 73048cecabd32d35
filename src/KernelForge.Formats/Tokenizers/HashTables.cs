using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>Open-addressing tables with linear probing, laid out so that the run time can use them in the mapped file.</summary>
internal static class HashTables
{
    /// <summary>The merges by their pair; three fifths of the slots are taken.</summary>
    public static MergeSlot[] Merges(MergeSlot[] merges)
    {
        var capacity = (uint)((merges.Length * 5L / 3) + 1);
        var table = new MergeSlot[capacity];
        Array.Fill(table, new MergeSlot { Left = TokenizerLayout.Empty });
        foreach (var merge in merges)
        {
            var slot = TokenizerLayout.MergeSlot(merge.Left, merge.Right, capacity);
            while (table[slot].Left != TokenizerLayout.Empty)
                slot = slot + 1 == capacity ? 0 : slot + 1;
            table[slot] = merge;
        }

        return table;
    }

    /// <summary>The ordinary tokens by what they match; at most half of the slots are taken.</summary>
    public static uint[] Vocabulary(byte[][] words, byte[] kinds)
    {
        var capacity = (uint)((words.Length * 2L) + 1);
        var table = new uint[capacity];
        Array.Fill(table, TokenizerLayout.Empty);
        for (var id = 0u; id < words.Length; id++)
        {
            if (!MatchesAsWord(kinds[id]) || words[id].Length == 0)
                continue;
            var slot = TokenizerLayout.HashSlot(TokenizerLayout.Hash(words[id]), capacity);
            while (table[slot] != TokenizerLayout.Empty)
                slot = slot + 1 == capacity ? 0 : slot + 1;
            table[slot] = id;
        }

        return table;
    }

    /// <summary>Whether a token may come out of ordinary text: not one that has a meaning instead, or ends an answer.</summary>
    public static bool MatchesAsWord(byte kind) =>
        (kind & TokenizerLayout.KindMask) == (byte)TokenKind.Normal
        || ((kind & TokenizerLayout.KindMask) == (byte)TokenKind.UserDefined && (kind & TokenizerLayout.EndOfGeneration) == 0);
}
