namespace KernelForge.Text;

/// <summary>
/// How much work the rendering on this thread may still do. A unit is about one character made or compared; a value costs some dozens. Whatever a template
/// does costs work, so the bound holds for time and for memory alike: doubled texts, lists of lists, comparisons of all with all.
/// </summary>
internal static class TemplateWork
{
    /// <summary>Work of one rendering: many times what the longest conversations take.</summary>
    public const long Most = 1L << 28;

    /// <summary>What a value costs beside its characters and items.</summary>
    public const int Value = 32;

    // None where nothing is rendered: values that a program makes beforehand cost nothing.
    [ThreadStatic]
    private static Meter? s_current;

    /// <summary>Begins a rendering; it ends with the result's disposal.</summary>
    public static Rendering Begin(long most = Most)
    {
        var outer = s_current;
        s_current = new Meter(most);
        return new Rendering(outer);
    }

    /// <summary>Counts work.</summary>
    /// <exception cref="ChatTemplateException">The rendering has used up what it may.</exception>
    public static void Charge(long work)
    {
        if (s_current is { } meter && (meter.Left -= work) < 0)
            throw new ChatTemplateException("The chat template takes more work than any conversation needs.");
    }

    /// <summary>A rendering; disposal ends it.</summary>
    public readonly struct Rendering(object? outer) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => s_current = (Meter?)outer;
    }

    private sealed class Meter(long left)
    {
        public long Left { get; set; } = left;
    }
}
