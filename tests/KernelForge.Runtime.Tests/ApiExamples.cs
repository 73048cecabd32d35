using System.Text;
using System.Text.RegularExpressions;
using KernelForge.Runtime.Tests.Text;

namespace KernelForge.Runtime.Tests;

/// <summary>The examples of docs/api.md, as they stand there, compiled and run.</summary>
public sealed class ApiExamples : IDisposable
{
    private static readonly ScratchFolder Folder = new();

    public void Dispose()
    {
        foreach (var file in Directory.GetFiles(Folder.Root))
            File.Delete(file);
    }

    [Fact]
    public void Loading()
    {
        {
            using var model = SmolLM2.Load();
        }
        {
            using var model = SmolLM2.Load(new ModelOptions
            {
                Threads = 2,                        // 0: one for each physical core that the process may use
                Context = 1024,                     // 0: as long as the model allows
                Cache = KeyValueFormat.Int8,        // null: as compiled (--kv, KernelForgeModel metadata)
                PrefillChunk = 128,                 // tokens of a prompt that run together
                MemoryLimit = 800_000_000,          // bytes of all sessions together; 0: no limit
                WeightsInMemory = false,            // true: read the packed file instead of mapping it; later changes of the file do not matter
                VerifyWeights = false,              // true: compare every byte with its checksum at load, which reads all of it
                UseMachineCode = true,              // 512-bit VNNI and AMX where the processor has them (machine-code.md); model.Kernels says what runs
            });
            model.Context.ShouldBe(1024);
        }
    }

    [Fact]
    public async Task Chatting()
    {
        using var model = SmolLM2.Load();

        await foreach (var text in model.ChatAsync("What is the capital of France?"))
            Console.Write(text);

        using var chat = model.CreateChat("You answer in one sentence.");
        await foreach (var text in chat.SendAsync("What is the capital of France?"))
            Console.Write(text);
        await foreach (var text in chat.SendAsync("And of Italy?"))
            Console.Write(text);
        Console.WriteLine($"{chat.Stats.PrefilledTokens} new tokens, {chat.Stats.DecodeTokensPerSecond:F0} tokens/s");

        using var output = Console.OpenStandardOutput();
        chat.Send("Write a haiku.", utf8 => output.Write(utf8));
    }

    [Fact]
    public async Task Choosing()
    {
        using var model = SmolLM2.Load();

        var options = new SamplingOptions
        {
            Temperature = 0.8f,
            TopK = 40,
            TopP = 0.95f,
            MinP = 0.05f,
            RepeatPenalty = 1.1f,
            Seed = 7,                           // the same seed gives the same answer, on every machine
            MaxTokens = 100,
            Stop = ["\n\n", "User:"],           // neither they nor a part of them comes out
        };
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await foreach (var text in model.ChatAsync("Tell me a story.", options, cancel.Token))
            Console.Write(text);
    }

    [Fact]
    public void Sessions()
    {
        using var model = SmolLM2.Load();
        var path = Folder["saved"];

        using var session = model.CreateSession();
        session.Prefill(model.Tokenizer.Encode("The capital of France is"));
        var logits = session.Logits;                            // [vocabulary], after the last token
        var token = Sampler.ArgMax(logits);
        logits = session.Decode(token);                         // adds one token
        token = session.DecodeGreedy(Sampler.ArgMax(logits));   // only the best token, which costs less

        using var other = session.Fork();                       // shares the cache until one of the two writes
        other.Truncate(3);                                      // keeps the first three tokens
        other.Prefill(model.Tokenizer.Encode(" of Italy is"));

        var all = new float[4 * model.Vocabulary];
        other.Score(model.Tokenizer.Encode(" Rome. And of Spain").AsSpan(0, 4), all);   // the logits after each token

        using (var file = File.Create(path))
            session.Save(file);
        using (var file = File.OpenRead(path))
        {
            using var restored = model.RestoreSession(file);
            restored.Decode(token);
        }

        Session[] batch = [session, other];
        var next = new int[2];
        model.DecodeBatchGreedy(batch, [token, token], next);
        model.DecodeBatch(batch, next);                         // all logits: batch[i].Logits

        using var story = model.CreateSession();
        var generator = new TextGenerator(story, new SamplingOptions { MaxTokens = 20 });
        generator.Run(model.Tokenizer.Encode("Once upon a time", addSpecial: true), utf8 => Console.Write(Encoding.UTF8.GetString(utf8)));
        Console.WriteLine($"{generator.Stats.GeneratedTokens} tokens, ended by {generator.Stats.Finish}");
        generator.Stats.GeneratedTokens.ShouldBe(20);

        using var mixture = SmolLM2.Load(new ModelOptions { CountExperts = true });
        using var counted = mixture.CreateSession();
        counted.Prefill(mixture.Tokenizer.Encode("The capital of France is"));
        foreach (var layer in mixture.ExpertCounts())           // tokens since the model was loaded, [layer][expert]
            Console.WriteLine(string.Join(' ', layer));
        mixture.ExpertCounts().ShouldBeEmpty();
        Should.Throw<InvalidOperationException>(model.ExpertCounts).Message.ShouldContain("CountExperts");
    }

    [Fact]
    public void Embedding()
    {
        using var encoder = MiniLM.Load();
        var vector = encoder.Embed("What is the capital of France?");               // [encoder.Width]

        var options = new EmbeddingOptions { Pooling = Pooling.Mean, Normalize = true };
        var vectors = encoder.Embed(["Paris is in France.", "Cats sleep a lot."], options);
        var query = encoder.Embed("Where is Paris?", options);
        var nearest = vectors.MaxBy(text => text.Zip(query, (a, b) => a * b).Sum());    // by cosine

        var question = encoder.Tokenizer.Encode("Where is Paris?", addSpecial: true);   // [CLS] ... [SEP]
        var answer = encoder.Tokenizer.Encode("In France.");
        int[] types = [.. question.Select(_ => 0), .. answer.Select(_ => 1)];
        var encoded = encoder.Encode([.. question, .. answer], types);
        var first = encoded.State(0);                                                   // of each token; encoded.Pooled is the pooler's

        vector.Length.ShouldBe(encoder.Width);
        nearest.ShouldNotBeNull();
        first[1].ShouldBe(0);
        encoded.State(types.Length - 1)[1].ShouldBe(1);
    }

    [Fact]
    public void Input()
    {
        using var summarizer = Bart.Load();
        using var summary = summarizer.CreateSession(summarizer.Tokenizer.Encode("The text.", addSpecial: true));   // at most summarizer.LongestInput tokens
        var word = summary.PrefillGreedy([2]);                                          // the token that the model's authors begin answers with
        word = summary.DecodeGreedy(word);

        summary.Length.ShouldBe(2);
        word.ShouldBeGreaterThan(0);
        Should.Throw<InvalidOperationException>(() => summarizer.CreateSession()).Message.ShouldContain("encoder_input_ids");
        using var model = SmolLM2.Load();
        Should.Throw<InvalidOperationException>(() => model.CreateSession([1])).Message.ShouldContain("reads nothing");
    }

    [Fact]
    public void States()
    {
        using var seer = Mllama.Load();
        var states = new float[6404 * seer.InputWidth];                                 // [rows, seer.InputWidth], at most seer.LongestInput rows
        using var seen = seer.CreateSession(states);
        using var unseen = seer.CreateSession();                                        // seer.NeedsInput is false
        var answered = seen.PrefillGreedy([128256, 128000, 32]);                        // seer.TokenIds counts the id that stands for the image, seer.Vocabulary does not

        (answered >= 0, seen.Length, unseen.Length, seer.NeedsInput, seer.TokenIds).ShouldBe((true, 3, 0, false, 128264));
        Should.Throw<ArgumentOutOfRangeException>(() => seen.Prefill([128264]));
        Should.Throw<ArgumentException>(() => seer.CreateSession(new float[3])).Message.ShouldContain("3 values");
    }

    [Fact]
    public void Sounds()
    {
        using var listener = Whisper.Load();
        var features = new float[listener.SoundBands * listener.SoundFrames];           // [bands, frames]
        using var speech = listener.CreateSession(features, listener.SoundFrames);
        var heard = speech.PrefillGreedy([3]);                                          // the tokens that the model's authors begin with: language, task
        heard = speech.DecodeGreedy(heard);

        (speech.Length, listener.InputWidth).ShouldBe((2, 0));
        Should.Throw<ArgumentException>(() => listener.CreateSession(features, 7)).Message.ShouldContain("7 frames; the model hears exactly 8");
        Should.Throw<ArgumentException>(() => listener.CreateSession(features.AsSpan(1), 8)).Message.ShouldContain("23 values; 3 bands of 8 frames have 24");
        Should.Throw<ArgumentException>(() => listener.CreateSession([float.NaN, .. features.Skip(1)], 8)).Message.ShouldContain("no finite numbers");
        Should.Throw<InvalidOperationException>(() => listener.CreateSession()).Message.ShouldContain("the features [3, 8] of a sound");
        Should.Throw<InvalidOperationException>(() => listener.CreateSession([1])).Message.ShouldContain("of a sound");
        Should.Throw<InvalidOperationException>(() => listener.CreateSession(features)).Message.ShouldContain("of a sound");
        using var model = SmolLM2.Load();
        Should.Throw<InvalidOperationException>(() => model.CreateSession(features, 8)).Message.ShouldContain("reads nothing");
    }

    [Fact]
    public void Images()
    {
        using var vision = SiglipVision.Load();
        var pixels = new float[vision.Channels * vision.Side * vision.Side];            // [channels, height, width]
        var image = vision.Encode(pixels, vision.Side, vision.Side);
        var patches = image.States;                                                     // [vision.Patches, vision.Width]; image.Pooled is the pooler's

        patches.Length.ShouldBe(vision.Patches * vision.Width);
    }

    [Fact]
    public void The_page_shows_exactly_this_code()
    {
        var page = File.ReadAllText(Repository.At("docs/api.md"));
        var here = Squeeze(File.ReadAllText(Repository.At("tests/KernelForge.Runtime.Tests/ApiExamples.cs")));
        var blocks = Regex.Matches(page, "```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10));
        blocks.Count.ShouldBeGreaterThan(8);
        foreach (Match block in blocks)
            here.ShouldContain(Squeeze(block.Groups["code"].Value), Case.Sensitive, block.Value);
    }

    private static string Squeeze(string text) => Regex.Replace(text, @"\s+", " ", RegexOptions.None, TimeSpan.FromSeconds(10)).Trim();

    /// <summary>Stands for a generated class.</summary>
    private static class MiniLM
    {
        public static EmbeddingModel Load() =>
            FakeEncoder.Load(Folder, tokenizer: GoldenTokenizer.Load("bert-bge").Section, vocabulary: 30522);
    }

    /// <summary>Stands for a generated class.</summary>
    private static class Bart
    {
        public static LanguageModel Load()
        {
            var model = ScriptedModel.Load(Folder, longestInput: 100);
            model.Say("Short.");
            return model;
        }
    }

    /// <summary>Stands for a generated class.</summary>
    private static class Mllama
    {
        public static LanguageModel Load()
        {
            var model = ScriptedModel.Load(Folder, longestInput: 8000, change: model => model with
            {
                Vocabulary = 128256,
                TokenIds = 128264,
                Parts = [model.Parts[0] with { Input = "cross_attention_states", PageBytes = 0, Width = 4, IsOptional = true }],
            });
            model.Say("A cat.");
            return model;
        }
    }

    /// <summary>Stands for a generated class.</summary>
    private static class Whisper
    {
        public static LanguageModel Load()
        {
            var model = ScriptedModel.Load(Folder, longestInput: 4, change: model => model with { Parts = [model.Parts[0] with { Sound = new SoundShape(3, 8) }] });
            model.Say("Heard.");
            return model;
        }
    }

    /// <summary>Stands for a generated class.</summary>
    private static class SiglipVision
    {
        public static VisionModel Load() => FakeVision.Load(Folder);
    }

    /// <summary>Stands for a generated class.</summary>
    private static class SmolLM2
    {
        public static LanguageModel Load(ModelOptions? options = null)
        {
            var model = ScriptedModel.Load(Folder, options: options);
            model.Say(string.Concat(Enumerable.Repeat("Paris, and then some more words. ", 10)));
            return model;
        }
    }
}
