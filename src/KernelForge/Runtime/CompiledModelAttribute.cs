using System.ComponentModel;

namespace KernelForge.Runtime;

/// <summary>
/// Left in an assembly by the generator for each model it compiled. The packer reads it from metadata, without loading the assembly, to learn
/// which weights it has to pack and how.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class CompiledModelAttribute(string className, string plan, string planHash, string source) : Attribute
{
    /// <summary>Full name of the generated class; the packed file is <c>ClassName.kfw</c>.</summary>
    public string ClassName { get; } = className;

    /// <summary>The plan in its binary encoding, base64.</summary>
    public string Plan { get; } = plan;

    /// <summary>SHA-256 of the encoded plan, 64 lower-case hexadecimal digits.</summary>
    public string PlanHash { get; } = planHash;

    /// <summary>The model file or folder, as the project names it.</summary>
    public string Source { get; } = source;
}
