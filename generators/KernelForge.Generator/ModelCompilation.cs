using KernelForge.Plans;

namespace KernelForge.Generator;

/// <summary>What a person may choose about one model.</summary>
/// <param name="ClassName">Full name of the generated class, e.g. <c>Acme.Models.SmolLM2</c>; no <c>global::</c>.</param>
/// <param name="Activations">Numbers that meet quantized weights.</param>
/// <param name="Cache">Default format of the key-value cache.</param>
/// <param name="Context">Longest sequence in tokens, or null: as the model says.</param>
/// <param name="SourcePath">Where the model file is; the packer reads it from the assembly. May be relative to the project.</param>
/// <param name="HasUserPart">The user declares a part of the class: it then decides the accessibility. Without one the class is public.</param>
/// <param name="InstructionSets">Names of <c>SimdKind</c> for which code is emitted; empty: all.</param>
/// <param name="Timed">Every step tells the pass's clock how long it took.</param>
public sealed record ModelCompilerOptions(
    string ClassName,
    ActivationMode Activations = ActivationMode.Int12,
    CacheFormat Cache = CacheFormat.F16,
    int? Context = null,
    string SourcePath = "",
    bool HasUserPart = false,
    EquatableArray<string> InstructionSets = default,
    bool Timed = false);

/// <summary>What came out.</summary>
/// <param name="Plan">The plan, or null where problems prevented it. A problem of the chat template prevents no plan.</param>
/// <param name="Sources">C# files; without a plan a skeleton of the class, so that an editor still completes its members.</param>
/// <param name="Problems">What a person has to mend.</param>
public sealed record ModelCompilation(Plan? Plan, EquatableArray<GeneratedSource> Sources, EquatableArray<ModelProblem> Problems);

/// <summary>One generated file.</summary>
/// <param name="HintName">File name, unique in a compilation, e.g. <c>SmolLM2.Avx512.g.cs</c>.</param>
/// <param name="Text">C#.</param>
public sealed record GeneratedSource(string HintName, string Text);
