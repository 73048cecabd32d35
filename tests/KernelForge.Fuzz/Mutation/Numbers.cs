namespace KernelForge.Fuzz.Mutation;

/// <summary>Numbers that parsers get wrong: borders of types, products that overflow, numbers just beside others.</summary>
internal static class Numbers
{
    private static readonly ulong[] Borders =
    [
        0, 1, 2, 3, 7, 8, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 4096, 32_767, 32_768, 65_535, 65_536, 100_000_001, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000,
        1UL << 40, 1UL << 61, 1UL << 62, (1UL << 62) + 1, long.MaxValue, 1UL << 63, ulong.MaxValue - 31, ulong.MaxValue - 1, ulong.MaxValue,
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ulong> All => Borders;

    /// <summary>One by chance.</summary>
    public static ulong Next(Random random) => random.Next(4) == 0 ? (ulong)random.NextInt64() >> random.Next(64) : Borders[random.Next(Borders.Length)];
}
