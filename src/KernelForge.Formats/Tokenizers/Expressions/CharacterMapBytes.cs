using System.Runtime.InteropServices;
using KernelForge.Text;

namespace KernelForge.Formats.Tokenizers;

/// <summary>A number for each code point in the two stages of docs/packed-tokenizer.md: equal blocks are stored once.</summary>
internal static class CharacterMapBytes
{
    /// <summary>The bytes of the map, and its number of blocks.</summary>
    public static (byte[] Bytes, int Blocks) Write(ReadOnlySpan<byte> values)
    {
        var known = new Dictionary<string, ushort>(StringComparer.Ordinal);
        var blocks = new List<byte>();
        var index = new ushort[TokenizerLayout.BlockCount];
        for (var i = 0; i < index.Length; i++)
        {
            var block = values.Slice(i * TokenizerLayout.BlockSize, TokenizerLayout.BlockSize);
            // Most blocks are as the one before.
            if (i > 0 && block.SequenceEqual(values.Slice((i - 1) * TokenizerLayout.BlockSize, TokenizerLayout.BlockSize)))
            {
                index[i] = index[i - 1];
                continue;
            }
            var key = Convert.ToHexString(block);
            if (!known.TryGetValue(key, out index[i]))
            {
                index[i] = (ushort)known.Count;
                known.Add(key, index[i]);
                blocks.AddRange(block);
            }
        }

        return ([.. MemoryMarshal.AsBytes(index.AsSpan()), .. blocks], known.Count);
    }

    /// <summary>The data of a step that does something to each character.</summary>
    public static byte[] WriteActions(Func<int, CharacterAction> actionOf)
    {
        var values = new byte[CharacterSet.Last + 1];
        for (var codePoint = 0; codePoint < values.Length; codePoint++)
            values[codePoint] = (byte)actionOf(codePoint);
        var (bytes, blocks) = Write(values);
        return [.. BitConverter.GetBytes((ulong)blocks), .. bytes];
    }
}
