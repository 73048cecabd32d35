using Microsoft.CodeAnalysis;

namespace KernelForge.Generator.Diagnostics;

/// <summary>Every diagnostic of the generator. Messages are written where the problem is found; docs/diagnostics.md says more about each.</summary>
public static class Descriptors
{
    internal const string Category = "KernelForge";
    internal const string Help = "https://github.com/kernelforge/kernelforge/blob/main/docs/diagnostics.md#";

    private static readonly DiagnosticDescriptor UserPartNotPartial = new(
        GeneratorCodes.UserPartNotPartial, "Part of a generated class is not partial", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf0001");

    private static readonly DiagnosticDescriptor ClassDeclaredTwice = new(
        GeneratorCodes.ClassDeclaredTwice, "Two models ask for one class", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf0002");

    private static readonly DiagnosticDescriptor ClassNameInvalid = new(
        GeneratorCodes.ClassNameInvalid, "Class name is invalid", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf0003");

    private static readonly DiagnosticDescriptor OptionUnknown = new(
        GeneratorCodes.OptionUnknown, "Model option has an unknown value", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf0004");

    private static readonly DiagnosticDescriptor LanguageTooOld = new(
        GeneratorCodes.LanguageTooOld, "C# language version is too old", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf0005");

    private static readonly DiagnosticDescriptor UnsafeNotAllowed = new(
        GeneratorCodes.UnsafeNotAllowed, "Unsafe code is not allowed", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf0006");

    private static readonly DiagnosticDescriptor TargetWouldScalarise = new(
        GeneratorCodes.TargetWouldScalarise, "Native executable would hold no vector code", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf0007");

    private static readonly DiagnosticDescriptor UserPartNotClass = new(
        GeneratorCodes.UserPartNotClass, "Name of a generated class is taken", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf0008");

    private static readonly DiagnosticDescriptor InstructionSetUnknown = new(
        GeneratorCodes.InstructionSetUnknown, "Instruction set is unknown", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf0009");

    private static readonly DiagnosticDescriptor FileMissing = new(
        ProblemCodes.FileMissing, "Model file is missing", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1001");

    private static readonly DiagnosticDescriptor FileUnreadable = new(
        ProblemCodes.FileUnreadable, "Model file cannot be read", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1002");

    private static readonly DiagnosticDescriptor ManifestDamaged = new(
        ProblemCodes.ManifestDamaged, "Manifest is damaged", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1003");

    private static readonly DiagnosticDescriptor FileChanged = new(
        ProblemCodes.FileChanged, "Model file changed", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1004");

    private static readonly DiagnosticDescriptor ArchitectureUnknown = new(
        ProblemCodes.ArchitectureUnknown, "Architecture is unknown", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1010");

    private static readonly DiagnosticDescriptor HyperparameterMissing = new(
        ProblemCodes.HyperparameterMissing, "Hyper-parameter is missing", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1011");

    private static readonly DiagnosticDescriptor HyperparameterType = new(
        ProblemCodes.HyperparameterType, "Hyper-parameter has a wrong type", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1012");

    private static readonly DiagnosticDescriptor HyperparameterRange = new(
        ProblemCodes.HyperparameterRange, "Hyper-parameter is out of range", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1013");

    private static readonly DiagnosticDescriptor HyperparameterContradiction = new(
        ProblemCodes.HyperparameterContradiction, "Hyper-parameters contradict each other", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1014");

    private static readonly DiagnosticDescriptor FeatureUnsupported = new(
        ProblemCodes.FeatureUnsupported, "Model uses an unsupported feature", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1015");

    private static readonly DiagnosticDescriptor TensorMissing = new(
        ProblemCodes.TensorMissing, "Tensor is missing", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1020");

    private static readonly DiagnosticDescriptor TensorShape = new(
        ProblemCodes.TensorShape, "Tensor has a wrong shape", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1021");

    private static readonly DiagnosticDescriptor TensorType = new(
        ProblemCodes.TensorType, "Tensor has an unsupported type", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1022");

    private static readonly DiagnosticDescriptor VocabularyMismatch = new(
        ProblemCodes.VocabularyMismatch, "Vocabulary and embedding differ", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1023");

    private static readonly DiagnosticDescriptor TensorUnused = new(
        ProblemCodes.TensorUnused, "Tensor is not used", "{0}", Category, DiagnosticSeverity.Warning, true, helpLinkUri: Help + "kf1030");

    private static readonly DiagnosticDescriptor TypesMixed = new(
        ProblemCodes.TypesMixed, "Types of a fused matrix differ", "{0}", Category, DiagnosticSeverity.Warning, true, helpLinkUri: Help + "kf1031");

    private static readonly DiagnosticDescriptor OptionRange = new(
        ProblemCodes.OptionRange, "Model option is out of range", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf1040");

    private static readonly DiagnosticDescriptor TemplateUnsupported = new(
        GeneratorCodes.TemplateUnsupported, "Chat template is not supported", "{0}", Category, DiagnosticSeverity.Error, true, helpLinkUri: Help + "kf2001");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DiagnosticDescriptor> All { get; } =
    [
        UserPartNotPartial, ClassDeclaredTwice, ClassNameInvalid, OptionUnknown, LanguageTooOld, UnsafeNotAllowed, TargetWouldScalarise, UserPartNotClass,
        InstructionSetUnknown, FileMissing, FileUnreadable, ManifestDamaged, FileChanged, ArchitectureUnknown, HyperparameterMissing, HyperparameterType,
        HyperparameterRange, HyperparameterContradiction, FeatureUnsupported, TensorMissing, TensorShape, TensorType, VocabularyMismatch, TensorUnused,
        TypesMixed, OptionRange, TemplateUnsupported,
        .. GraphDescriptors.All,
    ];

    /// <summary>The descriptor of an id.</summary>
    public static DiagnosticDescriptor Of(string code) =>
        All.FirstOrDefault(descriptor => descriptor.Id == code)
        ?? throw new InvalidOperationException($"The problem code {code} has no descriptor; add one, a line in AnalyzerReleases.Unshipped.md and a section in docs/diagnostics.md.");
}
