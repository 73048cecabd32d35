namespace KernelForge.Kernels;

/// <summary>Rows with their neighbours, which a matrix product then makes a convolution over rows (docs/numerics.md). Strides are in bytes.</summary>
[KernelTemplate]
public static unsafe class Windows
{
    /// <summary>Windows <paramref name="first"/> to <paramref name="last"/> - 1: values [width][taps] of the rows around every so many; zeros beyond the first and the last row.</summary>
    /// <param name="x">Rows.</param>
    /// <param name="xStride">From one row to the next.</param>
    /// <param name="rows">How many there are.</param>
    /// <param name="y">Windows, each width * taps values.</param>
    /// <param name="yStride">From one window to the next.</param>
    /// <param name="width">Values of a row.</param>
    /// <param name="taps">Rows of a window, odd.</param>
    /// <param name="step">Rows from the middle of a window to that of the next; the first window's is the first row.</param>
    /// <param name="first">First window.</param>
    /// <param name="last">Window after the last.</param>
    public static void Gather(byte* x, nint xStride, nint rows, byte* y, nint yStride, nint width, nint taps, nint step, nint first, nint last)
    {
        for (var window = first; window < last; window++)
        {
            var to = (float*)(y + (window * yStride));
            for (nint tap = 0; tap < taps; tap++)
            {
                var row = (window * step) - (taps / 2) + tap;
                var from = (float*)(x + (row * xStride));
                var isThere = row >= 0 && row < rows;
                for (nint i = 0; i < width; i++)
                    to[(i * taps) + tap] = isThere ? from[i] : 0;
            }
        }
    }
}
