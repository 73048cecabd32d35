namespace KernelForge.Fuzz;

/// <summary>One parser: where its inputs come from, and what it must do with them.</summary>
internal abstract class FuzzTarget
{
    /// <summary>As the command line names it; also the folder of its corpus.</summary>
    public abstract string Name { get; }

    /// <summary>Bytes that an input may make it allocate, besides four times its own.</summary>
    public virtual long BaseBytes => 16 << 20;

    /// <summary>Sound inputs that need no file.</summary>
    public virtual IEnumerable<byte[]> Seeds => [];

    /// <summary>An input made from one of the corpus.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="corpus">All of it; <see cref="Seeds"/> first.</param>
    public abstract byte[] Mutate(Random random, IReadOnlyList<byte[]> corpus);

    /// <summary>What others do with an input before we see it: neither its time nor its memory is ours.</summary>
    public virtual void Prepare(byte[] input)
    {
    }

    /// <summary>Parses, and uses what was parsed.</summary>
    /// <exception cref="Exception">The input is refused, with one of the types that <see cref="IsRefusal"/> knows; any other is a find.</exception>
    public abstract void Run(byte[] input);

    /// <summary>Whether an exception is an answer to a wrong input.</summary>
    public virtual bool IsRefusal(Exception error) => error is ModelFormatException;

    /// <summary>One of a list.</summary>
    protected static T Pick<T>(Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];
}
