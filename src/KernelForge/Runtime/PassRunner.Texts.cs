using KernelForge.Cache;

namespace KernelForge.Runtime;

/// <content>Passes of an encoder. The rows of a text or an image see each other, so it runs whole; nothing is kept of it.</content>
internal sealed unsafe partial class PassRunner
{
    // Addresses of the pages of a pass, then the pages: keys and values of one layer, and of what a pooler asks.
    private NativeBuffer? _texts;

    /// <summary>Runs some texts or images together, each one in one piece; more rows than ever before make the memory of a pass grow.</summary>
    /// <param name="texts">At least one, each with at least one row.</param>
    /// <param name="outputs">For each output of the model where its rows go, text after text; null where it is not wanted.</param>
    /// <param name="given">The rows of all of them, where the model reads no tokens.</param>
    public void RunTexts(ReadOnlySpan<EncoderText> texts, byte** outputs, float* given = null)
    {
        lock (_lock)
        {
            var (rows, pages) = (0, 0);
            foreach (var text in texts)
            {
                rows += text.Rows;
                pages += text.Pages;
            }

            if (rows > Capacity)
                Reserve(rows);
            var kept = _model.KeptPageBytes.Count == 0 ? 0 : _model.KeptPageBytes[(int)_model.DefaultCache];
            var next = Pages(pages, _model.PageBytes[(int)_model.DefaultCache], kept);
            Begin();
            var isPooled = false;
            for (var i = 0; i < _model.Outputs.Count; i++)
                isPooled |= _model.Outputs[i].IsPooled && outputs[i] != null;
            foreach (var text in texts)
            {
                Add(text, next, next + pages, isPooled);
                next += text.Pages;
            }

            _pass.Outputs = outputs;
            _pass.Given = given;
            try
            {
                _packed.CheckUnchanged();
                _pass.Team.Run(_forward);
                RequireFinite(texts.Length, outputs);
            }
            finally
            {
                _pass.Outputs = null;
                _pass.Given = null;
            }
        }
    }

    /// <summary>Runs a part of the model and keeps what the model reads of it.</summary>
    /// <param name="part">Index of the part.</param>
    /// <param name="text">What it reads.</param>
    /// <param name="kept">Where that is kept.</param>
    /// <param name="given">The rows, where it reads no tokens.</param>
    /// <exception cref="NonFiniteStatesException">A layer gave values that are no numbers.</exception>
    public void RunPart(int part, in EncoderText text, SequenceCache kept, float* given = null)
    {
        lock (_lock)
        {
            kept.Prepare(0, text.Rows);
            if (_model.Parts[part].PageBytes > 0)
            {
                // Its rows see each other, so they run together.
                if (text.Rows > Capacity)
                    Reserve(text.Rows);
                RunPart(part, text, 0, kept, given);
                return;
            }

            for (var first = 0; first < text.Rows; first += Capacity)
                RunPart(part, new EncoderText(Math.Min(Capacity, text.Rows - first)), first, kept, given + ((nint)first * _model.Parts[part].Width));
        }
    }

    private void RunPart(int part, in EncoderText text, int position, SequenceCache kept, float* given)
    {
        Begin();
        Add(text, Pages(text.Pages, _model.Parts[part].PageBytes, 0), kept.Pages, isPooled: false, position);

        // Nobody asks for what it gives besides.
        var outputs = stackalloc byte*[_model.Parts[part].Outputs];
        new Span<nint>(outputs, _model.Parts[part].Outputs).Clear();
        _pass.Part = part + 1;
        _pass.Outputs = outputs;
        _pass.Given = given;
        try
        {
            _packed.CheckUnchanged();

            // What it keeps is in formats of the cache, where nobody looks again.
            if (RunWatched().Layer is { } layer)
                throw new NonFiniteStatesException(_model.ClassName, layer);
        }
        finally
        {
            _pass.Part = 0;
            _pass.Outputs = null;
            _pass.Given = null;
        }
    }

    private void Add(in EncoderText text, byte** pages, byte** kept, bool isPooled, int position = 0)
    {
        var (first, sequence) = (_pass.Tokens, _pass.SequenceCount++);
        for (var i = 0; i < text.Rows; i++)
        {
            _pass.TokenIds[first + i] = text.Ids is null ? 0 : text.Ids[i];
            _pass.TokenTypes[first + i] = text.Types is null ? 0 : text.Types[i];
            _pass.Positions[first + i] = position + i;
        }

        _pass.Sequences[sequence] = new SequenceSlice { FirstRow = first, Rows = text.Rows, Position = position, Pages = pages };
        _pass.Keeping[sequence] = new SequenceSlice { FirstRow = first, Rows = text.Rows, Position = position, Pages = kept };
        if (isPooled)
        {
            _pass.LogitRows[_pass.LogitCount++] = (int)first;
            _pass.Kept[sequence] = new SequenceSlice { FirstRow = sequence, Rows = 1, Position = text.Rows - 1, Pages = kept };
        }

        _pass.Tokens += text.Rows;
    }

    /// <summary>Addresses of so many pages of a layer, and of as many of what is kept. What they hold is of no account: only what a pass has written is read.</summary>
    private byte** Pages(int count, long layerBytes, long keptBytes)
    {
        var (layer, kept) = (checked((nint)layerBytes), checked((nint)keptBytes));
        var table = Align(2 * count * sizeof(byte*));
        var bytes = table + (count * (layer + kept));
        if (_texts is null || _texts.Bytes < bytes)
        {
            var larger = new NativeBuffer(bytes);
            _texts?.Dispose();
            _texts = larger;
        }

        var pages = (byte**)_texts.Pointer;
        for (var i = 0; i < count; i++)
        {
            pages[i] = _texts.Pointer + table + (i * layer);
            pages[count + i] = _texts.Pointer + table + (count * layer) + (i * kept);
        }

        return pages;
    }
}

/// <summary>A text as an encoder takes it, or the rows of an image or a sound.</summary>
/// <param name="Rows">Tokens, patches, or states of a sound.</param>
/// <param name="Ids">Token ids; null: rows are given as they are.</param>
/// <param name="Types">The type of each token, or null: all 0.</param>
internal readonly record struct EncoderText(int Rows, int[]? Ids = null, int[]? Types = null)
{
    /// <summary>Pages that keys and values of all rows fill.</summary>
    public int Pages => SequenceCache.PagesFor(Rows);
}
