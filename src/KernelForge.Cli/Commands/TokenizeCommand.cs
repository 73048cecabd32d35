using System.CommandLine;
using KernelForge.Cli.Output;
using KernelForge.Formats.Gguf;
using KernelForge.Formats.Tokenizers;
using KernelForge.Text;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge tokenize</c>: text to token ids, by the tables that are packed; works on a vocabulary without weights too.</summary>
internal static unsafe class TokenizeCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model file (.gguf), a Hugging Face folder, or its tokenizer.json." };
        var text = new Argument<string>("TEXT") { Description = "The text." };
        var special = new Option<bool>("--special") { Description = "Add the tokens the model expects around a text, and recognise control tokens in it." };
        var json = new Option<bool>("--json") { Description = "One JSON object: {\"ids\":[...],\"pieces\":[...]}." };
        var command = new Command("tokenize", "Shows the token ids of a text.") { model, text, special, json };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(model);
            var section = WriteSection(path) ?? throw new UserException($"{path}: the file has no tokenizer.");
            fixed (byte* tables = section)
            {
                var tokenizer = new Tokenizer(tables, section.Length);
                var ids = tokenizer.Encode(parsed.GetRequiredValue(text), parsed.GetValue(special), parsed.GetValue(special));
                var pieces = Array.ConvertAll(ids, id => tokenizer.Decode([id], showControl: true));
                if (parsed.GetValue(json))
                    JsonResults.Print(new TokenizedText(ids, pieces), JsonResults.Default.TokenizedText);
                else
                    Print(ids, pieces);
            }
            return 0;
        });
        return command;
    }

    private static byte[]? WriteSection(string path)
    {
        if (Directory.Exists(path))
            return TokenizerSection.WriteFolder(path);
        if (Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase))
            return TokenizerSection.WriteJson(path);
        using var file = GgufFile.Open(path);
        return TokenizerSection.Write(file);
    }

    private static void Print(int[] ids, string[] pieces)
    {
        for (var i = 0; i < ids.Length; i++)
            Console.Out.WriteLine($"{ids[i],8}  {pieces[i].ReplaceLineEndings("\\n")}");
    }
}
