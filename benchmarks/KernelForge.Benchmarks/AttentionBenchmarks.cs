using BenchmarkDotNet.Attributes;
using KernelForge.Plans;
using KernelForge.Runtime;

namespace KernelForge.Benchmarks;

/// <summary>Attention of one layer of SmolLM2-135M on one core: a decoded token, and a prompt of 512.</summary>
public unsafe class AttentionKernel
{
    private readonly AlignedMemory memory = new();
    private delegate*<SequenceSlice*, nint, byte*, nint, nint, nint, nint, float, float, nint, nint, nint, float*, float*, nint, float, float, nint, nint, byte*, nint, byte*, nint, nint, void> kernel;
    private SequenceSlice* sequence;
    private byte* queries;
    private byte* output;
    private byte* scratch;
    private nint unitBytes;

    [ParamsSource(nameof(Workloads))]
    public AttentionWorkload Workload { get; set; } = null!;

    public static IEnumerable<AttentionWorkload> Workloads =>
        [new("F16", 1, 512), new("Int8", 1, 512), new("F32", 1, 512), new("F16", 512, 512), new("Int8", 512, 512)];

    [GlobalSetup]
    public void Prepare()
    {
        var constants = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["format"] = Workload.Format,
            ["headSize"] = AttentionWorkload.HeadSize.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["activations"] = "Int12",
        };
        kernel = (delegate*<SequenceSlice*, nint, byte*, nint, nint, nint, nint, float, float, nint, nint, nint, float*, float*, nint, float, float, nint, nint, byte*, nint, byte*, nint, nint, void>)SpecializedKernels.Compile("Attention.Run", constants);
        unitBytes = (nint)CachePages.UnitBytes(AttentionWorkload.HeadSize, Enum.Parse<KeyValueFormat>(Workload.Format));
        var pages = (Workload.Positions + CachePages.Positions - 1) / CachePages.Positions;
        var cache = memory.Allocate(pages * AttentionWorkload.KeyValueHeads * unitBytes);
        var addresses = (byte**)memory.Allocate(pages * sizeof(byte*));
        for (nint page = 0; page < pages; page++)
        {
            addresses[page] = cache + (page * AttentionWorkload.KeyValueHeads * unitBytes);
        }
        sequence = (SequenceSlice*)memory.Allocate(sizeof(SequenceSlice));
        *sequence = new SequenceSlice { Rows = Workload.Queries, Position = Workload.Positions - Workload.Queries, Pages = addresses };
        queries = memory.Allocate((long)Workload.Queries * Width * sizeof(float));
        output = memory.Allocate((long)Workload.Queries * OutputStride);
        scratch = memory.Allocate(KernelScratch.Bytes);
    }

    [GlobalCleanup]
    public void Free() => memory.Dispose();

    [Benchmark]
    public void Run() => kernel(
        sequence, 1, queries, Width * sizeof(float), 0, AttentionWorkload.Heads, AttentionWorkload.KeyValueHeads, 0.125f, 0f, 0, 0, 0, null, null, 0, 0f, 0f, 0, unitBytes,
        output, OutputStride, scratch, 0, 1);

    private static nint OutputStride => PackedLayouts.RowBytes((int)Width, ActivationFormat.Int12);

    private static nint Width => AttentionWorkload.Heads * AttentionWorkload.HeadSize;
}
