using System.Globalization;
using Microsoft.CodeAnalysis.Text;

namespace KernelForge.Generator.Specialization;

/// <summary>Reads the resource that <c>KernelForge.Templates</c> writes: enums, then for every class its text and its annotations.</summary>
internal sealed class ResourceParser(string resource)
{
    private readonly Dictionary<string, TemplateClass> classes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyDictionary<string, long>> enums = new(StringComparer.Ordinal);
    private int at;

    public TemplateLibrary Parse()
    {
        if (ReadLine() != "KernelForge templates 1")
        {
            throw new TemplateException("The resource of the templates is of another version.");
        }
        while (at < resource.Length)
        {
            var fields = ReadLine().Split('\t');
            if (fields[0] == "enum")
            {
                enums.Add(fields[1], ReadMembers(fields));
            }
            else
            {
                ReadClass(fields);
            }
        }
        return new TemplateLibrary(classes, enums);
    }

    private static Dictionary<string, long> ReadMembers(string[] fields)
    {
        var members = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var member in fields.Skip(2))
        {
            var value = Constant.Parse(member);
            members.Add(value.Type, value.Value);
        }
        return members;
    }

    private void ReadClass(string[] fields)
    {
        var text = resource.Substring(at, Number(fields[3]));
        at += text.Length + 1;
        var count = Number(fields[4]);
        var annotations = new Dictionary<long, Annotation>(count);
        for (var i = 0; i < count; i++)
        {
            var annotation = ReadLine().Split('\t');
            annotations.Add(TemplateClass.Key(new TextSpan(Number(annotation[0]), Number(annotation[1]))), new Annotation((AnnotationKind)annotation[2][0], annotation[3]));
        }
        classes.Add(fields[1], new TemplateClass(fields[1], fields[2], text, annotations));
    }

    private string ReadLine()
    {
        var end = resource.IndexOf('\n', at);
        var line = resource.Substring(at, end - at);
        at = end + 1;
        return line;
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
