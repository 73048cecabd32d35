using System.Text;

namespace KernelForge.Terminal;

/// <summary>Passes on what is <see cref="Printable"/>: before the console, whoever writes.</summary>
internal sealed class PrintableWriter(TextWriter next) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => next.Encoding;

    /// <summary>Puts itself before both outputs of the console.</summary>
    public static void Install()
    {
        Console.SetOut(new PrintableWriter(Console.Out));
        Console.SetError(new PrintableWriter(Console.Error));
    }

    /// <inheritdoc/>
    public override void Write(char value)
    {
        if (Printable.Is(value))
            next.Write(value);
    }

    /// <inheritdoc/>
    public override void Write(string? value) => next.Write(Printable.Of(value ?? ""));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer) => Write(new string(buffer));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => next.WriteLine(Printable.Of(value ?? ""));

    /// <inheritdoc/>
    public override void Flush() => next.Flush();
}
