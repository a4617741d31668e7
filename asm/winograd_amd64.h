// What the transforms of Winograd's F(4x4,3x3) have in common. They take eight
// channels at a time, a vector for each place of a patch, a tile or a filter.
// That is more than there are registers: columns are transformed first, into a
// buffer on the stack at R15, and then the rows of that.

// SIXROWS loads a column of six rows from AX on, R8 bytes apart. R14 is 3 R8.
#define SIXROWS \
	VMOVUPS (AX), Y0       \
	VMOVUPS (AX)(R8*1), Y1 \
	VMOVUPS (AX)(R8*2), Y2 \
	LEAQ    (AX)(R14*1), BX \
	VMOVUPS (BX), Y3       \
	VMOVUPS (BX)(R8*1), Y4 \
	VMOVUPS (BX)(R8*2), Y5

// BUFFERED loads row i of six columns from the buffer.
#define BUFFERED(I) \
	VMOVAPS (192*I+0)(R15), Y0  \
	VMOVAPS (192*I+32)(R15), Y1 \
	VMOVAPS (192*I+64)(R15), Y2 \
	VMOVAPS (192*I+96)(R15), Y3 \
	VMOVAPS (192*I+128)(R15), Y4 \
	VMOVAPS (192*I+160)(R15), Y5

// FREQUENCIES stores a row of six frequencies from DX on, R10 bytes apart, and
// moves DX to the next row. R13 is 3 R10.
#define FREQUENCIES(V0, V1, V2, V3, V4, V5) \
	VMOVUPS V0, (DX)        \
	VMOVUPS V1, (DX)(R10*1) \
	VMOVUPS V2, (DX)(R10*2) \
	ADDQ    R13, DX         \
	VMOVUPS V3, (DX)        \
	VMOVUPS V4, (DX)(R10*1) \
	VMOVUPS V5, (DX)(R10*2) \
	ADDQ    R13, DX
