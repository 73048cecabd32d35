namespace KernelForge.Text;

/// <summary>A small number for every code point, in two stages: [8,704] u16 of blocks, then blocks of 128 bytes.</summary>
internal readonly unsafe struct CharacterMap
{
    private readonly ushort* _index;
    private readonly byte* _blocks;
    private readonly uint _count;

    public CharacterMap(byte* data, uint count)
    {
        _index = (ushort*)data;
        _blocks = data + (TokenizerLayout.BlockCount * sizeof(ushort));
        _count = count;
    }

    /// <summary>Bytes of a map of so many blocks.</summary>
    public static ulong Size(uint count) => (TokenizerLayout.BlockCount * sizeof(ushort)) + ((ulong)count * TokenizerLayout.BlockSize);

    /// <summary>The numbers of the first 128 code points: a block's worth.</summary>
    public byte* Ascii => _index[0] < _count
        ? _blocks + (_index[0] * (uint)TokenizerLayout.BlockSize)
        : throw TokenizerTables.Damaged($"a character map refers to block {_index[0]} of {_count}", 0);

    /// <summary>The number of a code point.</summary>
    public byte this[int codePoint]
    {
        get
        {
            uint block = _index[codePoint / TokenizerLayout.BlockSize];
            return block < _count
                ? _blocks[(block * TokenizerLayout.BlockSize) + (uint)(codePoint % TokenizerLayout.BlockSize)]
                : throw TokenizerTables.Damaged($"a character map refers to block {block} of {_count}", 0);
        }
    }
}
