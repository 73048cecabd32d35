namespace KernelForge.Generator.Declarations;

/// <summary>
/// The contract with the MSBuild targets. Each <c>KernelForgeModel</c> item becomes an additional file, its manifest, with the metadata below;
/// each name here must be a <c>CompilerVisibleItemMetadata</c> of AdditionalFiles or a <c>CompilerVisibleProperty</c>.
/// </summary>
public static class BuildKeys
{
    private const string Metadata = "build_metadata.AdditionalFiles.";
    private const string Property = "build_property.";

    /// <summary><c>true</c> on additional files that are manifests.</summary>
    public const string Manifest = Metadata + "KernelForgeManifest";

    /// <summary>Full name of the class.</summary>
    public const string Class = Metadata + "KernelForgeClass";

    /// <summary><c>as-stored</c> (default): weights keep the types they have in the file.</summary>
    public const string Weights = Metadata + "KernelForgeWeights";

    /// <summary><c>int8</c> (default) or <c>float</c>.</summary>
    public const string Activations = Metadata + "KernelForgeActivations";

    /// <summary>The item's <c>Kv</c>: <c>f16</c> (default), <c>int8</c> or <c>f32</c>.</summary>
    public const string Cache = Metadata + "KernelForgeCache";

    /// <summary>Longest sequence in tokens; empty: as the model says.</summary>
    public const string Context = Metadata + "KernelForgeContext";

    /// <summary>Path of the model file, as the packer is to open it.</summary>
    public const string Source = Metadata + "KernelForgeSource";

    /// <summary>Instruction sets to emit, names of SimdKind with commas between (a semicolon would start a comment in the file that carries properties to the compiler); empty: all.</summary>
    public const string InstructionSets = Property + "KernelForgeInstructionSets";

    /// <summary><c>x64-v3</c>, <c>x64-v4</c> or <c>native</c>; the targets set IlcInstructionSet from it.</summary>
    public const string Target = Property + "KernelForgeTarget";

    /// <summary>Whether the project publishes with NativeAOT.</summary>
    public const string PublishAot = Property + "PublishAot";

    /// <summary>What ILC is told about the processor.</summary>
    public const string IlcInstructionSet = Property + "IlcInstructionSet";

    /// <summary><c>x64</c> or <c>arm64</c>: what the program will run on, computed by the targets.</summary>
    public const string Processor = Property + "KernelForgeProcessor";

    /// <summary>Whether unsafe code may be compiled; our props turn it on.</summary>
    public const string AllowUnsafeBlocks = Property + "AllowUnsafeBlocks";
}
