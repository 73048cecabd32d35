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

    /// <summary>The ordinary tokens by their bytes; at most half of the slots are taken.</summary>
    public static uint[] Vocabulary(byte[][] texts, byte[] kinds)
    {
        var capacity = (uint)((texts.Length * 2L) + 1);
        var table = new uint[capacity];
        Array.Fill(table, TokenizerLayout.Empty);
        for (var id = 0u; id < texts.Length; id++)
        {
            if ((kinds[id] & TokenizerLayout.KindMask) != (byte)TokenKind.Normal)
                continue;
            var slot = TokenizerLayout.VocabularySlot(texts[id], capacity);
            while (table[slot] != TokenizerLayout.Empty)
                slot = slot + 1 == capacity ? 0 : slot + 1;
            table[slot] = id;
        }

        return table;
    }
}
