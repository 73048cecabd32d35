using System.Runtime.InteropServices;

namespace KernelForge.Cache;

/// <summary>
/// Cache pages in native memory, counted by the sequences that share them. A page returns to the pool with its last sequence and is handed
/// out zeroed. Allocates nothing on the managed heap, so that a page turn in the middle of an answer is not a collection's cause.
/// </summary>
internal sealed unsafe class PagePool(nint pageBytes) : IDisposable
{
    private const nint HeaderBytes = 64;

    private readonly Lock _lock = new();
    private Header* _all;
    private Header* _free;
    public bool IsDisposed { get; private set; }

    public nint PageBytes { get; } = pageBytes;

    /// <summary>Pages that sequences hold now.</summary>
    public int InUse { get; private set; }

    /// <summary>A zeroed page with one holder.</summary>
    public byte* Rent()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            var page = _free;
            if (page is not null)
            {
                _free = page->NextFree;
                NativeMemory.Clear((byte*)page + HeaderBytes, (nuint)PageBytes);
            }
            else
            {
                page = Allocate();
            }
            page->Holders = 1;
            InUse++;
            return (byte*)page + HeaderBytes;
        }
    }

    /// <summary>One holder more.</summary>
    public void Share(byte* page)
    {
        lock (_lock)
            HeaderOf(page)->Holders++;
    }

    /// <summary>One holder less.</summary>
    public void Release(byte* page)
    {
        lock (_lock)
        {
            if (IsDisposed)
                return;
            var header = HeaderOf(page);
            if (--header->Holders > 0)
                return;
            header->NextFree = _free;
            _free = header;
            InUse--;
        }
    }

    /// <summary>The page itself where it has one holder, otherwise a copy for the caller, who gives his share of the original up.</summary>
    public byte* MakeOwn(byte* page)
    {
        lock (_lock)
        {
            if (HeaderOf(page)->Holders == 1)
                return page;
        }
        var copy = Rent();
        NativeMemory.Copy(page, copy, (nuint)PageBytes);
        Release(page);
        return copy;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            IsDisposed = true;
            while (_all is not null)
            {
                var next = _all->NextOwned;
                NativeMemory.Free(_all->Block);
                _all = next;
            }
            _free = null;
        }
    }

    private static Header* HeaderOf(byte* page) => (Header*)(page - HeaderBytes);

    private Header* Allocate()
    {
        // Zeroed by the system and aligned by hand: an aligned allocation would have to be cleared, which touches all of it at once.
        var block = NativeMemory.AllocZeroed((nuint)(PageBytes + (2 * HeaderBytes)));
        var page = (Header*)(((nint)block + HeaderBytes - 1) & -HeaderBytes);
        page->Block = block;
        page->NextOwned = _all;
        _all = page;
        return page;
    }

    private struct Header
    {
        public void* Block;
        public Header* NextOwned;
        public Header* NextFree;
        public int Holders;
    }
}
