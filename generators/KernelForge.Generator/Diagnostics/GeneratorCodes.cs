namespace KernelForge.Generator.Diagnostics;

/// <summary>Diagnostic ids of the generator itself: KF0xxx is about the project, KF2xxx about the chat template. KF1xxx (<see cref="ProblemCodes"/>) is about the model, KF4xxx (<see cref="Language.DeclarationCodes"/>) about a graph declared in C#.</summary>
public static class GeneratorCodes
{
    /// <summary>The user's part of a generated class is not partial.</summary>
    public const string UserPartNotPartial = "KF0001";

    /// <summary>Two models ask for the same class.</summary>
    public const string ClassDeclaredTwice = "KF0002";

    /// <summary>The name of the class is no C# name, or missing.</summary>
    public const string ClassNameInvalid = "KF0003";

    /// <summary>An option of a model has a value that does not exist.</summary>
    public const string OptionUnknown = "KF0004";

    /// <summary>The project compiles with an older C# than generated code needs.</summary>
    public const string LanguageTooOld = "KF0005";

    /// <summary>The project does not allow unsafe code.</summary>
    public const string UnsafeNotAllowed = "KF0006";

    /// <summary>A NativeAOT publish would hold no vector code.</summary>
    public const string TargetWouldScalarise = "KF0007";

    /// <summary>The user has another kind of type under the name of a generated class.</summary>
    public const string UserPartNotClass = "KF0008";

    /// <summary>An instruction set that does not exist.</summary>
    public const string InstructionSetUnknown = "KF0009";

    /// <summary>The chat template uses something that is not supported, or is no Jinja.</summary>
    public const string TemplateUnsupported = "KF2001";
}
