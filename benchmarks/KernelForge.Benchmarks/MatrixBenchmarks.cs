using BenchmarkDotNet.Attributes;
using KernelForge.Plans;
using KernelForge.Runtime;

namespace KernelForge.Benchmarks;

/// <summary>The matrices of SmolLM2-135M times one token (decode) on one core: bound by memory.</summary>
public class MatrixVector : MatrixBenchmark
{
    [ParamsSource(nameof(Workloads))]
    public MatrixWorkload Workload { get; set; } = null!;

    public static IEnumerable<MatrixWorkload> Workloads =>
    [
        new("QueryKeyValue", "Int4Minimum", 640, 960, 576, 1, "StoreEpilogue", 300),
        new("GateUp", "Int4Minimum", 640, 3072, 576, 1, "GateInt12Epilogue", 100),
        new("Down", "Int4Minimum", 640, 576, 1536, 1, "ResidualEpilogue", 200),
        new("Down", "Int4", 576, 576, 1536, 1, "ResidualEpilogue", 200),
        new("Head", "Int8", 1088, 49152, 576, 1, "ArgMaxEpilogue", 6),
    ];

    protected override MatrixWorkload Shape => Workload;

    [Benchmark]
    public void Run() => Multiply();
}

/// <summary>The matrices of SmolLM2-135M times 512 tokens (prefill) on one core: bound by arithmetic.</summary>
public class MatrixMatrix : MatrixBenchmark
{
    [ParamsSource(nameof(Workloads))]
    public MatrixWorkload Workload { get; set; } = null!;

    public static IEnumerable<MatrixWorkload> Workloads =>
    [
        new("QueryKeyValue", "Int4Minimum", 640, 960, 576, 512, "StoreEpilogue", 1),
        new("GateUp", "Int4Minimum", 640, 3072, 576, 512, "GateInt12Epilogue", 1),
        new("Down", "Int4Minimum", 640, 576, 1536, 512, "ResidualEpilogue", 1),
        new("Down", "Int4", 576, 576, 1536, 512, "ResidualEpilogue", 1),
        new("Head", "Int8", 1088, 4096, 576, 512, "StoreEpilogue", 1),
    ];

    protected override MatrixWorkload Shape => Workload;

    [Benchmark]
    public void Run() => Multiply();
}

/// <summary>A packed matrix, quantized rows, and the kernel for them.</summary>
public abstract unsafe class MatrixBenchmark
{
    private const int TokenTile = 6;
    private readonly AlignedMemory memory = new();
    private delegate*<byte*, nint, nint, nint, byte*, nint, nint, byte*, EpilogueArguments*, void> kernel;
    private byte* weights;
    private byte* activations;
    private byte* scratch;
    private EpilogueArguments* epilogue;
    private nint stride;

    protected abstract MatrixWorkload Shape { get; }

    [GlobalSetup]
    public void Prepare()
    {
        var constants = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["layout"] = Shape.Layout,
            ["activations"] = nameof(ActivationFormat.Int12),
            ["tokenTile"] = Shape.Tokens == 1 ? "1" : TokenTile.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        kernel = (delegate*<byte*, nint, nint, nint, byte*, nint, nint, byte*, EpilogueArguments*, void>)SpecializedKernels.Compile("MatMulInt.Run", constants, Shape.Epilogue);
        stride = PackedLayouts.RowBytes(Shape.Columns, ActivationFormat.Int12);
        weights = memory.Allocate(Shape.Bytes + 65536);
        activations = memory.Allocate(stride * Shape.Tokens);
        scratch = memory.Allocate(KernelScratch.Bytes);
        epilogue = (EpilogueArguments*)memory.Allocate(sizeof(EpilogueArguments), fill: 0);
        epilogue->OutputWidth = Shape.Epilogue.StartsWith("Gate", StringComparison.Ordinal) ? Shape.Rows / 2 : Shape.Rows;
        epilogue->OutputStride = (nint)Shape.Rows * sizeof(float);
        epilogue->Output = memory.Allocate(epilogue->OutputStride * Shape.Tokens, fill: 0);
        epilogue->Best = (ArgMax*)memory.Allocate(Shape.Tokens * sizeof(ArgMax), fill: 0);
    }

    [GlobalCleanup]
    public void Free() => memory.Dispose();

    protected void Multiply()
    {
        var bytes = (nint)(Shape.Bytes / Shape.Copies);
        for (var copy = 0; copy < Shape.Copies; copy++)
        {
            kernel(weights + (copy * bytes), 0, Shape.Rows / 32, Shape.Columns / 32, activations, stride, Shape.Tokens, scratch, epilogue);
        }
    }
}
