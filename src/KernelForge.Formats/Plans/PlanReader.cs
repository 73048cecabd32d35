using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using KernelForge.Plans;

namespace KernelForge.Formats.Plans;

/// <summary>Reads the plans that the generator left in an assembly, without loading it.</summary>
public static class PlanReader
{
    private const string AttributeNamespace = "KernelForge.Runtime";
    private const string AttributeName = "CompiledModelAttribute";

    /// <summary>The compiled models of an assembly, in the order of their class names; empty when it has none.</summary>
    /// <exception cref="ModelFormatException">The file is no assembly, or a plan in it is damaged.</exception>
    public static IReadOnlyList<CompiledPlan> Read(string assemblyPath)
    {
        try
        {
            using var stream = File.OpenRead(assemblyPath);
            using var image = new PEReader(stream);
            var metadata = image.GetMetadataReader();
            return metadata.GetAssemblyDefinition().GetCustomAttributes()
                .Select(metadata.GetCustomAttribute)
                .Where(attribute => IsCompiledModel(metadata, attribute))
                .Select(attribute => ReadPlan(metadata, attribute))
                .OrderBy(plan => plan.ClassName, StringComparer.Ordinal)
                .ToList();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or BadImageFormatException or InvalidOperationException or FormatException)
        {
            throw new ModelFormatException(assemblyPath, $"the compiled models cannot be read: {error.Message}", remedy: "Build the project again.", inner: error);
        }
    }

    private static bool IsCompiledModel(MetadataReader metadata, CustomAttribute attribute)
    {
        if (attribute.Constructor.Kind != HandleKind.MemberReference)
            return false;
        var parent = metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
        if (parent.Kind != HandleKind.TypeReference)
            return false;
        var type = metadata.GetTypeReference((TypeReferenceHandle)parent);
        return metadata.StringComparer.Equals(type.Name, AttributeName) && metadata.StringComparer.Equals(type.Namespace, AttributeNamespace);
    }

    // The attribute's four constructor arguments are strings: className, plan, planHash, source.
    private static CompiledPlan ReadPlan(MetadataReader metadata, CustomAttribute attribute)
    {
        var value = metadata.GetBlobReader(attribute.Value);
        if (value.ReadUInt16() != 1)
            throw new BadImageFormatException("A CompiledModel attribute is damaged.");
        var (className, encoded, hash, source) = (Text(ref value), Text(ref value), Text(ref value), Text(ref value));
        var plan = PlanEncoding.Decode(Convert.FromBase64String(encoded));
        if (Convert.ToHexStringLower(PlanEncoding.Hash(plan)) != hash)
            throw new FormatException($"The plan of {className} does not have the hash that stands beside it.");
        return new CompiledPlan(className, plan, hash, source);
    }

    private static string Text(ref BlobReader reader) =>
        reader.ReadSerializedString() ?? throw new BadImageFormatException("A CompiledModel attribute lacks an argument.");
}

/// <summary>One compiled model of an assembly.</summary>
/// <param name="ClassName">Full name of its class; the packed file is named after it.</param>
/// <param name="Plan">The plan.</param>
/// <param name="Hash">Hexadecimal hash of the plan.</param>
/// <param name="SourcePath">The model file as the project names it.</param>
public sealed record CompiledPlan(string ClassName, Plan Plan, string Hash, string SourcePath);
