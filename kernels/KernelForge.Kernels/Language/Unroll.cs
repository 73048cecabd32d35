namespace KernelForge.Kernels;

/// <summary>Ranges of loops that disappear: <c>foreach (var i in Unroll.Range(n))</c> becomes n copies of its body, in which i is a constant.</summary>
public static class Unroll
{
    /// <summary>0 to <paramref name="count"/> - 1.</summary>
    public static Numbers Range(int count) => new(0, count);

    /// <summary><paramref name="from"/> to <paramref name="to"/> - 1.</summary>
    public static Numbers Range(int from, int to) => new(from, to);

    /// <summary>Ascending numbers; <c>foreach</c> needs no more than this.</summary>
    public struct Numbers(int from, int to)
    {
        private int current = from - 1;

        /// <summary>The present number.</summary>
        public readonly int Current => current;

        /// <summary>Goes on to the next number.</summary>
        public bool MoveNext() => ++current < to;

        /// <summary>Itself.</summary>
        public readonly Numbers GetEnumerator() => this;
    }
}
