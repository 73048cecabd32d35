using System.Runtime.InteropServices;

namespace KernelForge.Cache;

/// <summary>
/// Cache pages in native memory, counted by the sequences that share them. A page returns to the pool with its last sequence and is handed
/// out zeroed. Allocates nothing on the managed heap, so that a page turn in the middle of an answer is not a collection's cause.
/// </summary>
internal sealed unsafe class PagePool : IDisposable
{
    private const nint HeaderBytes = 64;

    private readonly Lock _lock;
    private Header* _all;
    private Header* _free;

    public PagePool(nint pageBytes, MemoryBudget budget)
    {
        PageBytes = pageBytes;
        Budget = budget;
        _lock = budget.Gate;
        budget.Reclaim += FreeIdle;
    }

    public bool IsDisposed { get; private set; }

    public nint PageBytes { get; }

    /// <summary>What pages and all else of sessions are taken from.</summary>
    public MemoryBudget Budget { get; }

    /// <summary>Pages that sequences hold now.</summary>
    public int InUse { get; private set; }

    /// <summary>Bytes of native memory that a page takes.</summary>
    public static nint BlockBytes(nint pageBytes) => pageBytes + (2 * HeaderBytes);

    /// <summary>A zeroed page with one holder.</summary>
    /// <exception cref="SessionMemoryException">The budget has no page left.</exception>
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
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            HeaderOf(page)->Holders++;
        }
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
                Free(_all);
                _all = next;
            }
            _free = null;
        }
    }

    /// <summary>Gives the pages back that no sequence holds.</summary>
    private void FreeIdle()
    {
        lock (_lock)
        {
            var kept = (Header*)null;
            for (var page = _all; page is not null;)
            {
                var next = page->NextOwned;
                if (page->Holders > 0)
                {
                    page->NextOwned = kept;
                    kept = page;
                }
                else
                {
                    Free(page);
                }
                page = next;
            }
            _all = kept;
            _free = null;
        }
    }

    private void Free(Header* page)
    {
        NativeMemory.Free(page->Block);
        Budget.Release(BlockBytes(PageBytes));
    }

    private static Header* HeaderOf(byte* page) => (Header*)(page - HeaderBytes);

    private Header* Allocate()
    {
        // Zeroed by the system and aligned by hand: an aligned allocation would have to be cleared, which touches all of it at once.
        Budget.Take(BlockBytes(PageBytes));
        void* block;
        try
        {
            block = NativeMemory.AllocZeroed((nuint)BlockBytes(PageBytes));
        }
        catch (OutOfMemoryException)
        {
            Budget.Release(BlockBytes(PageBytes));
            throw;
        }
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
