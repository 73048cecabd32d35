using System.CommandLine;
using KernelForge.Cli.Inspection;
using KernelForge.Cli.Output;
using KernelForge.Cli.Quantization;
using KernelForge.Formats.Description;
using KernelForge.Options;

namespace KernelForge.Cli.Commands;

/// <summary><c>kforge quantize</c>: a model of floats as one of INT4 or INT8.</summary>
internal static class QuantizeCommand
{
    private const int StandardTokens = 512;

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model in BF16, F16 or F32: a .gguf file, or a folder with config.json and safetensors." };
        var output = new Option<string>("--output", "-o") { Description = "What is written: a .gguf file, or of a folder a new folder.", Required = true };
        var weights = new Option<string>("--weights") { Description = "Bits of the weights.", Required = true };
        var calibrate = new Option<string?>("--calibrate") { Description = "A text file, UTF-8, of the kind the model will see: errors are kept small where its inputs are large (GPTQ)." };
        var tokens = NumberOption.Create(StandardTokens, "Tokens of the text that are looked at, at most the model's context; a quarter as many after them measure the loss.", "--calibration-tokens");
        var size = ByteSize.Create("Bytes of the weight files at most, e.g. 90MB: sensitive tensors get more bits as far as it reaches, or others fewer.", "--target-size");
        var loss = NumberOption.Create(double.NaN, "Loss at most: the mean Kullback-Leibler divergence, in nats a token, of the copy's predictions from the original's on the end of the calibration text. Tensors get more bits until it holds.", "--max-loss");
        loss.DefaultValueFactory = null;
        var report = new Option<string?>("--report") { Description = "An HTML file with every tensor's error." };
        OptionMessages.AcceptOnly(weights, "int4", "int8");
        Ranges.Require(tokens, 32, 1 << 20);
        var command = new Command("quantize", "Quantizes a model of floats to INT4 or INT8.") { model, output, weights, calibrate, tokens, size, loss, report };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var path = parsed.GetRequiredValue(model);
                var page = parsed.GetValue(report) is { } html ? OutputPath.ForFile(html, "--report", path) : null;
                using var source = ModelFile.Open(path);
                var target = source.Folder is null
                    ? OutputPath.ForFile(parsed.GetRequiredValue(output), "--output", path)
                    : OutputPath.ForNewFolder(parsed.GetRequiredValue(output), "--output");
                if (page is not null && Path.GetFullPath(page) == Path.GetFullPath(target))
                    throw new UserException($"--report '{page}' is the output itself. Name another file.");
                var text = parsed.GetValue(calibrate) is { } file ? TextFile.Read(file, "--calibrate") : null;
                var bound = parsed.GetValue(loss);
                double? most = parsed.GetResult(loss) is null ? null : bound > 0 ? bound : throw new UserException($"--max-loss must be above 0, not {bound}.");
                var request = new QuantizeRequest(path, target, parsed.GetValue(weights) == "int4", text, parsed.GetValue(tokens), parsed.GetValue(size), most);
                var facts = QuantizationFacts.Of(source, request, new ModelQuantizer(source, request, cancellation).Run());
                QuantizationTable.Write(Consoles.Output(), facts);
                if (page is not null)
                    OutputPath.WriteText(page, QuantizationPage.Write(facts));
                return 0;
            },
            cancellation));
        return command;
    }
}
