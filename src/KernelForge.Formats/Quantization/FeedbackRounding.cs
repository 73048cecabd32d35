namespace KernelForge.Formats.Quantization;

/// <summary>GPTQ on a few rows at once, so that the factor is read once for them all.</summary>
internal static class FeedbackRounding
{
    /// <summary>Quantizes rows, each by error feedback or block by block, whichever changes its outputs less.</summary>
    public static QuantizationError Quantize(WeightType type, float[][] rows, InputMoments inputs, ErrorFeedback feedback, ReadOnlySpan<Memory<byte>> outputs)
    {
        var width = inputs.Width;
        var bytes = BlockGrid.Bytes(type);
        var states = Array.ConvertAll(rows, row => new RowState(row, feedback.Order, inputs, type));
        Span<float> targets = stackalloc float[BlockGrid.Length];
        Span<short> codes = stackalloc short[BlockGrid.Length];
        for (var position = 0; position < feedback.Order.Length; position++)
        {
            var start = position * BlockGrid.Length;
            var weights = feedback.Weights.AsSpan(start, BlockGrid.Length);
            for (var k = 0; k < BlockGrid.Length; k++)
            {
                var before = feedback.Of(start + k);
                foreach (var state in states)
                    state.Reach(start + k, k, before, weights[k]);
            }

            for (var r = 0; r < rows.Length; r++)
            {
                var state = states[r];
                state.Targets.CopyTo(targets);
                var grid = MatrixQuantizer.Checked(ScaleSearch.Fit(type, targets, weights));
                for (var k = 0; k < BlockGrid.Length; k++)
                {
                    var target = targets[k] + Products.Dot<float>(state.Errors.AsSpan(start, k), feedback.Of(start + k)[start..]);
                    codes[k] = grid.Code(target);
                    var miss = target - grid.Value(codes[k]);
                    state.Errors[start + k] = state.Values[start + k] - grid.Value(codes[k]);
                    state.Loss += (double)weights[k] * miss * miss;
                }

                grid.Write(codes, outputs[r].Span.Slice(feedback.Order[position] * bytes, bytes));
            }
        }

        var error = default(QuantizationError);
        for (var r = 0; r < rows.Length; r++)
        {
            var isPlain = states[r].PlainLoss <= states[r].Loss;
            if (isPlain)
                states[r].PlainBytes.CopyTo(outputs[r].Span);
            error += states[r].Error(isPlain);
        }

        return error;
    }

    /// <summary>A row in the order of positions.</summary>
    private sealed class RowState
    {
        private readonly float[] _plainErrors;
        private double _output;

        public RowState(float[] row, int[] order, InputMoments inputs, WeightType type)
        {
            PlainBytes = new byte[row.Length / BlockGrid.Length * BlockGrid.Bytes(type)];
            var rounded = new float[row.Length];
            MatrixQuantizer.RoundRow(type, row, inputs, PlainBytes, rounded);
            Values = Ordered(row, order);
            _plainErrors = Ordered(rounded, order);
            for (var i = 0; i < row.Length; i++)
                _plainErrors[i] = Values[i] - _plainErrors[i];
            Errors = new float[row.Length];
        }

        public float[] Values { get; }

        /// <summary>Weight less what its code stands for, at the positions that have one.</summary>
        public float[] Errors { get; }

        /// <summary>Of the block at hand, before errors in itself.</summary>
        public float[] Targets { get; } = new float[BlockGrid.Length];

        public byte[] PlainBytes { get; }

        public double Loss { get; set; }

        public double PlainLoss { get; private set; }

        /// <summary>Comes to a position of a block, before any of that block has a code.</summary>
        public void Reach(int position, int inBlock, ReadOnlySpan<float> feedback, float weight)
        {
            var start = position - inBlock;
            Targets[inBlock] = Values[position] + Products.Dot<float>(Errors.AsSpan(0, start), feedback);
            var plain = _plainErrors[position] + Products.Dot<float>(_plainErrors.AsSpan(0, position), feedback);
            var output = Values[position] + Products.Dot<float>(Values.AsSpan(0, position), feedback);
            PlainLoss += (double)weight * plain * plain;
            _output += (double)weight * output * output;
        }

        public QuantizationError Error(bool isPlain)
        {
            var (differences, weights) = (0.0, 0.0);
            var errors = isPlain ? _plainErrors : Errors;
            for (var i = 0; i < Values.Length; i++)
                (differences, weights) = (differences + ((double)errors[i] * errors[i]), weights + ((double)Values[i] * Values[i]));
            return new QuantizationError(differences, weights, isPlain ? PlainLoss : Loss, _output);
        }

        private static float[] Ordered(float[] row, int[] order)
        {
            var ordered = new float[row.Length];
            for (var position = 0; position < order.Length; position++)
                row.AsSpan(order[position] * BlockGrid.Length, BlockGrid.Length).CopyTo(ordered.AsSpan(position * BlockGrid.Length));
            return ordered;
        }
    }
}
