namespace KernelForge.Text;

/// <summary>A growing list of token ids whose memory is kept between uses.</summary>
public sealed class TokenBuffer
{
    private int[] _ids;

    /// <summary>An empty buffer with room for <paramref name="capacity"/> ids.</summary>
    public TokenBuffer(int capacity = 256) => _ids = new int[capacity];

    /// <summary>Number of ids.</summary>
    public int Count { get; private set; }

    /// <summary>The ids; valid until the next <see cref="Add(int)"/>.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Appends an id.</summary>
    public void Add(int id)
    {
        if (Count == _ids.Length)
            Array.Resize(ref _ids, Math.Max(16, Count * 2));
        _ids[Count++] = id;
    }

    /// <summary>Appends ids.</summary>
    public void Add(ReadOnlySpan<int> ids)
    {
        foreach (var id in ids)
            Add(id);
    }

    /// <summary>Forgets the ids from number <paramref name="count"/> on.</summary>
    internal void Truncate(int count) => Count = count;

    /// <summary>Forgets the ids, keeps the memory.</summary>
    public void Clear() => Count = 0;
}
