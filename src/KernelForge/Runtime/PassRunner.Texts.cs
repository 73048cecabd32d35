using KernelForge.Cache;

namespace KernelForge.Runtime;

/// <content>Passes of an encoder. The tokens of a text see each other, so a text runs whole; nothing is kept of it.</content>
internal sealed unsafe partial class PassRunner
{
    // Addresses of the pages of a pass, then the pages: keys and values of one layer.
    private NativeBuffer? _texts;

    /// <summary>Runs some texts together, each one in one piece; more tokens than ever before make the memory of a pass grow.</summary>
    /// <param name="texts">At least one, each with at least one token.</param>
    /// <param name="outputs">For each output of the model where its rows go, text after text; null where it is not wanted.</param>
    public void RunTexts(ReadOnlySpan<EncoderText> texts, byte** outputs)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(EmbeddingModel));
            var (tokens, pages) = (0, 0);
            foreach (var text in texts)
            {
                tokens += text.Ids.Length;
                pages += SequenceCache.PagesFor(text.Ids.Length);
            }

            if (tokens > Capacity)
                Reserve(tokens);
            var next = Pages(pages);
            (_pass.Tokens, _pass.SequenceCount, _pass.LogitCount) = (0, 0, 0);
            var isPooled = false;
            for (var i = 0; i < _model.Outputs.Count; i++)
                isPooled |= _model.Outputs[i].IsPooled && outputs[i] != null;
            foreach (var text in texts)
            {
                if (isPooled)
                    _pass.LogitRows[_pass.LogitCount++] = (int)_pass.Tokens;
                Add(text, next);
                next += SequenceCache.PagesFor(text.Ids.Length);
            }

            _pass.Outputs = outputs;
            _packed.CheckUnchanged();
            _pass.Team.Run(_forward);
            _pass.Outputs = null;
        }
    }

    private void Add(in EncoderText text, byte** pages)
    {
        var first = (int)_pass.Tokens;
        for (var i = 0; i < text.Ids.Length; i++)
        {
            _pass.TokenIds[first + i] = text.Ids[i];
            _pass.TokenTypes[first + i] = text.Types is null ? 0 : text.Types[i];
            _pass.Positions[first + i] = i;
        }

        _pass.Sequences[_pass.SequenceCount++] = new SequenceSlice { FirstRow = first, Rows = text.Ids.Length, Position = 0, Pages = pages };
        _pass.Tokens += text.Ids.Length;
    }

    /// <summary>Addresses of so many pages. What they hold is of no account: only what a pass has written is read.</summary>
    private byte** Pages(int count)
    {
        var pageBytes = checked((nint)_model.PageBytes[(int)_model.DefaultCache]);
        var bytes = Align(count * sizeof(byte*)) + (count * pageBytes);
        if (_texts is null || _texts.Bytes < bytes)
        {
            var larger = new NativeBuffer(bytes);
            _texts?.Dispose();
            _texts = larger;
        }

        var pages = (byte**)_texts.Pointer;
        for (var i = 0; i < count; i++)
            pages[i] = _texts.Pointer + Align(count * sizeof(byte*)) + (i * pageBytes);
        return pages;
    }
}

/// <summary>A text as an encoder takes it.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Types">The type of each token, or null: all 0.</param>
internal readonly record struct EncoderText(int[] Ids, int[]? Types);
