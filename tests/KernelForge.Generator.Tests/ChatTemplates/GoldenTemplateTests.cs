using System.Globalization;
using System.Text.Json;
using KernelForge.Generator.ChatTemplates;
using KernelForge.Generator.Tests.Harness;
using KernelForge.Text;

namespace KernelForge.Generator.Tests.ChatTemplates;

/// <summary>Published templates rendered as Hugging Face renders them.</summary>
public sealed class GoldenTemplateTests
{
    private static readonly Lazy<IReadOnlyDictionary<string, CompiledTemplate>> Compiled =
        new(() => CompiledTemplate.CompileAll([.. Directory.GetFiles(Folder, "*.jinja").Select(File.ReadAllText)]));

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Data", "chat-templates");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder, "*.jinja").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Conversations_are_rendered_as_the_reference_renders_them(string name)
    {
        var template = Compiled.Value[File.ReadAllText(Path.Combine(Folder, name + ".jinja"))];
        var golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name + ".json"))).RootElement;
        var wrong = new List<string>();
        foreach (var item in golden.GetProperty("cases").EnumerateArray())
        {
            var (text, error) = Render(template, Request(golden, item));
            if (item.TryGetProperty("rendered", out var rendered))
            {
                if (text != rendered.GetString())
                    wrong.Add($"{item.GetProperty("messages")}\n{text ?? error?.Message}\ninstead of\n{rendered.GetString()}");
            }
            else if (error is null || (item.GetProperty("error_kind").GetString() == "raised" && error.Message != item.GetProperty("error").GetString()))
            {
                wrong.Add($"{item.GetProperty("messages")}\n{error?.Message ?? text}\ninstead of the error {item.GetProperty("error")}");
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("HuggingFaceTB-SmolLM2-135M-Instruct")]
    [InlineData("Qwen-Qwen3-0.6B")]
    public void The_compiled_method_can_be_read(string name) =>
        Snapshot.ShouldMatch(ChatTemplateCompiler.Compile(File.ReadAllText(Path.Combine(Folder, name + ".jinja"))).Source!, name);

    private static (string? Text, ChatTemplateException? Error) Render(CompiledTemplate template, ChatRequest request)
    {
        try
        {
            return (template.Render(request).Text, null);
        }
        catch (ChatTemplateException error)
        {
            return (null, error);
        }
    }

    private static ChatRequest Request(JsonElement golden, JsonElement item)
    {
        var variables = new Dictionary<string, TemplateValue>(StringComparer.Ordinal)
        {
            ["messages"] = TemplateValue.FromList([.. item.GetProperty("messages").EnumerateArray().Select(Message)]),
        };
        if (item.TryGetProperty("tools", out var tools))
            variables["tools"] = Value(tools);
        if (item.TryGetProperty("vars", out var further))
        {
            foreach (var variable in further.EnumerateObject())
                variables[variable.Name] = Value(variable.Value);
        }

        return new ChatRequest
        {
            Messages = [],
            AddGenerationPrompt = item.TryGetProperty("add_generation_prompt", out var asked) && asked.GetBoolean(),
            BeginOfSequence = golden.GetProperty("bos_token").GetString(),
            EndOfSequence = golden.GetProperty("eos_token").GetString(),
            Now = DateTimeOffset.Parse(golden.GetProperty("now").GetString()!, CultureInfo.InvariantCulture),
            Variables = variables,
        };
    }

    /// <summary>A message as Hugging Face hands it to a template: without null entries, its reasoning under both names.</summary>
    private static TemplateValue Message(JsonElement message)
    {
        var entries = message.EnumerateObject().Where(entry => entry.Value.ValueKind != JsonValueKind.Null)
            .Select(entry => ((TemplateValue)entry.Name, Value(entry.Value))).ToList();
        foreach (var source in new[] { "reasoning_content", "thinking", "reasoning" })
        {
            if (!message.TryGetProperty(source, out var reasoning) || reasoning.ValueKind == JsonValueKind.Null)
                continue;
            entries.Add(("reasoning_content", Value(reasoning)));
            entries.Add(("thinking", Value(reasoning)));
            break;
        }

        return TemplateValue.Map([.. entries]);
    }

    private static TemplateValue Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => TemplateValue.FromOutside(element.GetString()),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when element.TryGetInt64(out var integer) && !element.GetRawText().Contains('.', StringComparison.Ordinal) => integer,
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.Array => TemplateValue.FromList([.. element.EnumerateArray().Select(Value)]),
        JsonValueKind.Object => TemplateValue.Map([.. element.EnumerateObject().Select(entry => ((TemplateValue)entry.Name, Value(entry.Value)))]),
        _ => TemplateValue.None,
    };
}
