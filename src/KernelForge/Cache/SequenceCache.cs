using System.Runtime.InteropServices;
using KernelForge.Runtime;

namespace KernelForge.Cache;

/// <summary>The pages of one sequence. Pages may be shared with other sequences; they are copied before they are written.</summary>
internal sealed unsafe class SequenceCache : IDisposable
{
    private readonly PagePool _pool;
    private readonly long _tableBytes;
    private int _count;

    public SequenceCache(PagePool pool, int capacity)
    {
        _pool = pool;
        pool.Budget.Take(TableBytes(capacity));
        try
        {
            Pages = (byte**)NativeMemory.AllocZeroed((nuint)TableBytes(capacity));
        }
        catch (OutOfMemoryException)
        {
            pool.Budget.Release(TableBytes(capacity));
            throw;
        }
        _tableBytes = TableBytes(capacity);
    }

    ~SequenceCache() => Free();

    /// <summary>Page i holds positions 64 i to 64 i + 63.</summary>
    public byte** Pages { get; private set; }

    public nint PageBytes => _pool.PageBytes;

    public static int PagesFor(int positions) => (positions + CachePages.Positions - 1) / CachePages.Positions;

    /// <summary>Bytes of the table of pages.</summary>
    public static long TableBytes(int capacity) => (long)PagesFor(capacity) * sizeof(byte*);

    /// <summary>Makes positions <paramref name="first"/> to <paramref name="last"/> (exclusive) writable.</summary>
    /// <exception cref="SessionMemoryException">There is no memory for that; the sequence has no more pages than before.</exception>
    public void Prepare(int first, int last)
    {
        var before = _count;
        try
        {
            for (var i = first / CachePages.Positions; i < PagesFor(last); i++)
            {
                if (i < _count)
                {
                    Pages[i] = _pool.MakeOwn(Pages[i]);
                }
                else
                {
                    Pages[i] = _pool.Rent();
                    _count = i + 1;
                }
            }
        }
        catch
        {
            // Others may live on what this sequence did not get.
            while (_count > before)
                _pool.Release(Pages[--_count]);
            throw;
        }
    }

    /// <summary>Gives up the pages that hold nothing of the first <paramref name="length"/> positions.</summary>
    public void Truncate(int length)
    {
        while (_count > PagesFor(length))
            _pool.Release(Pages[--_count]);
    }

    /// <summary>Shares the first <paramref name="length"/> positions of another sequence; this one must be empty.</summary>
    public void ShareWith(SequenceCache other, int length)
    {
        for (var i = 0; i < PagesFor(length); i++)
        {
            _pool.Share(other.Pages[i]);
            Pages[i] = other.Pages[i];
            _count = i + 1;
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (Pages is null)
            return;
        Truncate(0);
        NativeMemory.Free(Pages);
        _pool.Budget.Release(_tableBytes);
        Pages = null;
    }
}
